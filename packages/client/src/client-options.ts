import type { ClientLimits } from "@holdfast/protocol";
import type { Environment } from "./environment.ts";
import type { History } from "./history/history.ts";
import type { Persistence } from "./keeper.ts";
import type { Presence } from "./presence.ts";
import type { Rejection } from "./store/action-promise.ts";
import type { Optimism } from "./store/machinery.ts";
import type { Streams } from "./streams.ts";
import type { TokenSource } from "./transport/admission.ts";
import type { PrincipalSource } from "./transport/principal.ts";

/** What a client is made of: where its server is, and the parts that its page needs. */
export interface ClientOptions {
  /** The server's address, like `https://example.com`. Default: the page's own. */
  readonly host?: string;
  /** Gives the token to connect with; asked before every attempt, so that it is always fresh. */
  readonly token?: TokenSource;
  /**
   * Is told of every refused action whose promise nobody awaits or catches. Default: says so on the
   * console.
   */
  readonly onRejected?: (rejection: Rejection) => void;
  readonly limits?: Partial<ClientLimits>;
  /**
   * Pass the `optimism` of this package to use optimistic reducers. It is no default, because it
   * brings immer into the bundle.
   */
  readonly optimism?: Optimism;
  /**
   * Pass the `persistence` of this package to use `persistedModule`. It is no default, so that a
   * bundle that keeps nothing in the browser does not hold it.
   */
  readonly persistence?: Persistence;
  /**
   * Pass the `presence` of this package for what users show of themselves to each other. It is no
   * default, so that a bundle that does not use it does not hold it.
   */
  readonly presence?: Presence;
  /** Pass the `history` of this package, with `optimism`, to undo updates. No default, like those. */
  readonly history?: History;
  /**
   * Pass the `streams` of this package to read streams as their text comes. It is no default, so that
   * a bundle that shows none does not hold it.
   */
  readonly streams?: Streams;
  /**
   * Names the user on whose behalf the page acts, so that what is kept in the browser is shown to
   * nobody else. Default: the session, which the server names in a cookie that the page may read, or
   * which the page stores itself where the server is on another site.
   */
  readonly principal?: PrincipalSource;
  /**
   * With `persistence`: asks before the page is left while actions are unacknowledged. Those of
   * persisted modules are sent by the next page, but that may be long after. Default: `true`.
   */
  readonly warnBeforeUnload?: boolean;
  /** Parts of the world to replace, for tests and for programs outside the browser. */
  readonly environment?: Partial<Environment>;
}
