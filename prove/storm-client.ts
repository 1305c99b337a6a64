import { type AppContract, type Client, createClient } from "@holdfast/client";
import type { AppOf } from "@holdfast/server";
import { WebSocket } from "ws";
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
  let cookie = "";
  let due = 0;
  const headers = (): Record<string, string> => ({ Origin: url, Cookie: cookie });
  const Socket = class extends WebSocket {
    constructor(address: string, protocols?: string | string[]) {
      onAttempt(due);
      super(address, protocols, { headers: headers(), perMessageDeflate: false });
    }
  };
  const client = createClient<App & AppContract>({
    host: url,
    environment: {
      // True because a client uses no more of a WebSocket than `ws` has.
      WebSocket: Socket as unknown as typeof globalThis.WebSocket,
      fetch: async (address, init) => {
        const response = await fetch(address, { ...init, headers: headers() });
        const cookies = response.headers.getSetCookie().map((text) => text.split(";")[0]);
        if (cookies.length > 0) cookie = cookies.join("; ");
        return response;
      },
      report: () => undefined,
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
