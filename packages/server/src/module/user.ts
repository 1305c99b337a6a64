/** Whom `authenticate` returned: an id, and whatever else the app wants to know of its users. */
export interface User {
  /** Names the user for ever; never reused for somebody else. */
  readonly id: string;
  // What the app's own `authenticate` returns has a type that only the app knows.
  // oxlint-disable-next-line typescript/no-explicit-any -- see above
  readonly [field: string]: any;
}
