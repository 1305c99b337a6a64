import type { Environment } from "./environment.ts";
import type { ModuleStore, ModuleStoreOptions } from "./store/module-store.ts";
import type { Reducer } from "./store/prediction.ts";

/** What of an instance is kept in the browser, and what it takes to put it back. */
export interface KeptInstance extends ModuleStoreOptions {
  /** The server's address. */
  readonly address: string;
  readonly store: ModuleStore;
  readonly options: PersistOptions;
}

export interface PersistOptions {
  /** What an action will do that a page has left behind. */
  readonly reducer: (action: string) => Reducer | undefined;
  /** The version of the state that this code was written for; `undefined`: any. */
  readonly version: number | undefined;
}

/** Keeps one instance in the browser. */
export interface Keeper {
  /** Resolves when what was kept is shown, or there is nothing, or it takes too long. Never rejects. */
  readonly ready: Promise<unknown>;
  /** The principal is known, or another one. */
  open(principal: string): void;
  /** Keeps nothing more; what is kept stays for the next page. */
  close(): void;
}

/** Keeps the instances of one client. */
export interface Cabinet {
  keep(instance: KeptInstance): Keeper;
  /** Asks before the page is left. */
  guard(isNeeded: boolean): void;
  /** Forgets all that is kept of one server, in all pages. */
  clear(address: string, onRejected: ModuleStoreOptions["onRejected"]): Promise<void>;
}

/**
 * The machinery of persistence. It is handed in, so that a bundle that keeps nothing in the browser
 * does not hold it.
 */
export type Persistence = (environment: Environment) => Cabinet;
