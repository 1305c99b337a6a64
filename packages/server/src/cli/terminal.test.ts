import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import type { Surroundings } from "./command.ts";
import { terminalSurroundings } from "./terminal.ts";

/** A command's streams, and what was written to them. */
function streams(isTTY: boolean): {
  surroundings: Surroundings;
  stdin: PassThrough;
  written: () => { out: string; error: string };
} {
  const [stdin, stdout, stderr] = [1, 2, 3].map(() => Object.assign(new PassThrough(), { isTTY }));
  if (!stdin || !stdout || !stderr) throw new Error("There are three.");
  const surroundings = terminalSurroundings({ stdin, stdout, stderr }, { cwd: "/", env: {} });
  const written = (): { out: string; error: string } => ({
    out: String(stdout.read() ?? ""),
    error: String(stderr.read() ?? ""),
  });
  return { surroundings, stdin, written };
}

test("in a pipe nothing moves and nobody is asked; what is asked for stands by itself", () => {
  const { surroundings, written } = streams(false);
  surroundings.progress("Received 1 MB");
  surroundings.note("done");
  surroundings.print('{"code":0}');
  expect(written()).toEqual({ out: '{"code":0}\n', error: "done\n" });
  expect(surroundings.isTerminal).toBe(false);
});

test("on a terminal progress is one line that is written over, and gone in front of anything else", () => {
  const { surroundings, written } = streams(true);
  surroundings.progress("Received 1 MB");
  surroundings.progress("Received 2 MB");
  surroundings.note("Saved.");
  surroundings.note("Really.");
  const clear = "\r\u001B[K";
  expect(written().error).toBe(`Received 1 MB${clear}Received 2 MB${clear}Saved.\nReally.\n`);
});

test("a question is answered by who is there, and only yes is one", async () => {
  for (const [answer, expected] of [
    ["y", true],
    ["Yes", true],
    ["", false],
    ["yesterday", false],
  ] as const) {
    const { surroundings, stdin } = streams(true);
    const agreed = surroundings.confirm("Go on?");
    stdin.write(`${answer}\n`);
    // oxlint-disable-next-line no-await-in-loop -- One after the other is what people do.
    await expect(agreed).resolves.toBe(expected);
  }
});
