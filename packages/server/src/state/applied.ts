import { Commits } from "./isolation/commits.ts";

/** An asynchronous transaction whose unpublished writes are in the tree. */
export interface Guest {
  /** Takes its writes out of the tree, until it is touched again. */
  withdraw(): void;
}

/** Whose proxies may touch the tree, and whose changes are in it. */
export class Applied {
  /** The transaction that reads and writes now. */
  active: object | undefined = undefined;
  /** The number of the last synchronous transaction whose changes are in the tree. */
  last = 0;
  /** How many synchronous transactions are applied and not ended: their changes may be undone yet. */
  open = 0;
  guest: Guest | undefined = undefined;
  readonly commits: Commits = new Commits();
}
