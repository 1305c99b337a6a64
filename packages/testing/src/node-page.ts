import type { Environment } from "@holdfast/client";
import { WebSocket } from "ws";

/** What a client needs of the world to be a page of its own: a session, and real sockets. */
export type NodePage = Pick<Environment, "WebSocket" | "fetch" | "report">;

/**
 * The environment of a page without a browser: it keeps the cookies of its server and opens real
 * sockets, like a person that no other page knows.
 *
 * @param onAttempt a socket is about to be made
 *
 * @example
 * createClient<App>({ host: url, environment: nodePage(url) })
 */
export function nodePage(url: string, onAttempt: () => void = () => undefined): NodePage {
  let cookie = "";
  const headers = (): Record<string, string> => ({ Origin: url, Cookie: cookie });
  const Socket = class extends WebSocket {
    constructor(address: string, protocols?: string | string[]) {
      onAttempt();
      super(address, protocols, { headers: headers(), perMessageDeflate: false });
    }
  };
  return {
    // True because a client uses no more of a WebSocket than `ws` has.
    WebSocket: Socket as unknown as Environment["WebSocket"],
    fetch: async (address, init) => {
      const response = await fetch(address, { ...init, headers: headers() });
      const cookies = response.headers.getSetCookie().map((text) => text.split(";")[0]);
      if (cookies.length > 0) cookie = cookies.join("; ");
      return response;
    },
    report: () => undefined,
  };
}
