import { rmSync } from "node:fs";

/** What a process leaves behind that it did not end itself. */
export interface Leftover {
  readonly directory: string;
  /** At once: nothing can be waited for any more. */
  readonly end: () => void;
}

const leftovers = new Set<Leftover>();
let installed = false;

/** Cleans up when this process ends, also after an error or Ctrl-C. What is returned calls that off. */
export function endWithThisProcess(leftover: Leftover): () => void {
  leftovers.add(leftover);
  install();
  return () => void leftovers.delete(leftover);
}

function install(): void {
  if (installed) return;
  installed = true;
  process.on("exit", () => {
    for (const { end, directory } of leftovers) {
      end();
      rmSync(directory, { recursive: true, force: true });
    }
  });
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const) {
    process.once(signal, () => process.exit(code));
  }
}
