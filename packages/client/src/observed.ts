import type { Environment } from "./environment.ts";
import type { Instance } from "./instance.ts";
import type { Admitter } from "./transport/admission.ts";

/**
 * A client from inside, as tools on its page see it: no public API, and other tomorrow. The client
 * itself does nothing for them but to keep it, and to call `onFrame` where somebody has put it.
 */
export interface Observed {
  /** The client's own: what is put over it holds for this client. */
  readonly environment: Environment;
  readonly admitter: Admitter | undefined;
  readonly instances: ReadonlyMap<string, Instance>;
  /** A frame has come, or is sent; the instance has not read it yet. */
  onFrame?: ((instance: Instance, text: string, isSent: boolean) => void) | undefined;
}

/** The clients that the page itself has made, and not closed. */
export const OBSERVED: Set<Observed> = new Set();
