import { type AppContract, type Client, createClient } from "@holdfast/client";
import type { AppOf } from "@holdfast/server";
import { nodePage } from "@holdfast/testing/node-page";
import type { modules } from "./storm-app.ts";

type App = AppOf<typeof modules>;

/** One client of many, with the session of a browser of its own. */
export interface StormClient {
  readonly client: Client<App & AppContract>;
  /** The state that it shows; `undefined` before it has one. */
  readonly count: () => number | undefined;
  readonly isLive: () => boolean;
  readonly bump: () => Promise<number>;
}

/**
 * The real client package on real sockets.
 *
 * @param onAttempt a socket is made: when the client's own timer was due. A thousand pages do not
 * share an event loop; here they do, and one that hangs for a moment would bring them together.
 */
export function stormClient(url: string, onAttempt: (at: number) => void): StormClient {
  let due = 0;
  const client = createClient<App & AppContract>({
    host: url,
    environment: {
      ...nodePage(url, () => onAttempt(due)),
      setTimeout: (callback, milliseconds) => {
        const at = performance.now() + milliseconds;
        return setTimeout(() => {
          due = at;
          callback();
        }, milliseconds);
      },
      // True because timers come from the function above.
      clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
    },
  });
  const counter = client.module("counter");
  counter.subscribe(() => undefined);
  return {
    client,
    count: () => counter.getSnapshot().state?.count,
    isLive: () => counter.getSnapshot().status === "live",
    bump: () => counter.actions.bump(),
  };
}
