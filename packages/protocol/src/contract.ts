/** How a module's instances are addressed from a client. */
export type KeyMode = "fixed" | "named";

/** One action as a client sees it. */
export interface ActionContract {
  /** The parameters after the context: `[]`, `[payload]` or `[payload?]`. */
  readonly parameters: readonly unknown[];
  readonly result: unknown;
}

/** One module as a client sees it, types only: no server code is behind them. */
export interface ModuleContract {
  readonly state: unknown;
  readonly actions: Record<string, ActionContract>;
  readonly keys: KeyMode;
  /** The data of each event that the module's actions emit, by the event's name. */
  readonly events?: unknown;
  /** What a connection may show of its user; `never` where nothing was declared. */
  readonly presence?: unknown;
}

/** A whole app as a client sees it: what `import type { App }` brings into the browser's program. */
export interface AppContract {
  readonly modules: Record<string, ModuleContract>;
  /** The connections; each is a module whose actions are its events. */
  readonly connections?: Record<string, ModuleContract>;
}
