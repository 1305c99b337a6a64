import type { ServerEnd } from "./server-end.ts";
import type { ServerProcess } from "./server-process.ts";

/** What runs in one process: the platform calls it, one event after another. */
export interface Actor {
  connect(end: ServerEnd): void;
  message(end: ServerEnd, text: string): void;
  /** The peer has closed, or is gone. */
  closed(end: ServerEnd): void;
  /** An event is still being handled behind its awaits: the process does not hibernate. */
  readonly isBusy: boolean;
}

/** What the platform gives to what runs on it. */
export interface Ground {
  readonly process: ServerProcess;
  /** The sockets that are open, in the order of their coming. */
  readonly sockets: () => ServerEnd[];
  /** Ends the process at once, what is not durable included. */
  readonly abort: () => void;
}
