import type { Value } from "@holdfast/protocol";

/** `restored` says whether there is a state to show, and narrows its type. */
export type Restored<State, Initial = undefined> =
  | { readonly restored: true; readonly state: State }
  | { readonly restored: false; readonly state: Initial };

/** What there is to see of a store, immutable; a new object whenever any of it changed. */
export type StoreSnapshot = Restored<Value> & {
  /** The number of unacknowledged actions. */
  readonly pending: number;
};
