import type { ProcessFigures } from "./process-figures.ts";

/** A server in a process of its own, on one folder: killed at any moment, and started again. */
export interface ServerProcess extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`, the same after every start. */
  readonly url: string;
  /** Where it stores everything. */
  readonly storage: string;
  /** The process's id while it runs. */
  readonly pid: number | undefined;
  /** What it printed since its last start. */
  readonly log: string;
  /** Resolves once the port accepts connections; throws with the process's output if it ends first. */
  start(): Promise<void>;
  /** Ends the process, by default with no chance to finish anything, and waits until it is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Linux only. */
  figures(): ProcessFigures;
  /** Sends SIGKILL at once, inside the current event; `kill()` waits for the end. */
  killNow(): void;
}
