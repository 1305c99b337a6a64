import type { PathPattern } from "./path-pattern.ts";
import type { User } from "./user.ts";

/** Who looks at an instance: what its view may depend on, and never the state. */
export interface Viewer {
  readonly session: { readonly id: string };
  /**
   * Whom `authenticate` returned. Without that, the session stands in for the user, under its id.
   */
  readonly user: User;
  /** What `extractMeta` returned for the connection; empty for a module's own sockets. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly meta: { readonly [field: string]: any };
}

/** What a viewer does not see, and what of that is shown to it all the same. */
export interface ViewRules {
  readonly hide?: readonly PathPattern[];
  /** Wins over `hide`, wherever the two meet. */
  readonly show?: readonly PathPattern[];
}

/** Says what a viewer sees. Asked when it connects, and when what it depends on has changed. */
export type View = (viewer: Viewer) => ViewRules;
