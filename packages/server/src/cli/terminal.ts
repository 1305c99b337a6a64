import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline/promises";
import type { Readable, Writable } from "node:stream";
import type { Surroundings } from "./command.ts";

/** Where a command reads and writes: a terminal, or a pipe or file that is none. */
export interface Streams {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean };
}

/** To the beginning of the line, and nothing behind it. */
const CLEAR = "\r\u001B[K";

/** What is asked for goes to standard output, how it goes to standard error; nothing moves in a pipe. */
export function terminalSurroundings(
  { stdin, stdout, stderr }: Streams,
  { cwd, env }: Pick<Surroundings, "cwd" | "env">,
): Surroundings {
  let isShowing = false;
  const clear = (): void => {
    if (isShowing) stderr.write(CLEAR);
    isShowing = false;
  };
  return {
    cwd,
    env,
    isTerminal: stdout.isTTY === true && stdin.isTTY === true,
    print: (line) => {
      clear();
      stdout.write(`${line}\n`);
    },
    note: (line) => {
      clear();
      stderr.write(`${line}\n`);
    },
    progress: (text) => {
      if (stderr.isTTY !== true) return;
      clear();
      stderr.write(text);
      isShowing = true;
    },
    confirm: async (question) => {
      clear();
      const lines = createInterface({ input: stdin, output: stderr });
      const answer = await lines.question(`${question} [y/N] `);
      lines.close();
      return /^y(es)?$/i.test(answer.trim());
    },
    run: async (program, args, folder) => {
      clear();
      const child = spawn(program, args, { cwd: folder, stdio: ["inherit", 2, 2] });
      const [code] = (await once(child, "exit")) as [number | null];
      return code ?? 1;
    },
  };
}
