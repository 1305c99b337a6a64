import { WebSocket } from "ws";

/**
 * One browser's session at a Holdfast server, without a browser: minted over HTTP, then the cookie
 * and the Origin that a page of the server's own would send.
 */
export class HoldfastSession {
  readonly #url: string;
  readonly #cookie: string;

  /** @param url the server's, `http://127.0.0.1:8787` */
  static async mint(url: string): Promise<HoldfastSession> {
    const response = await fetch(`${url}/holdfast/session`, {
      method: "POST",
      headers: { Origin: url },
    });
    const cookies = response.headers.getSetCookie().map((cookie) => cookie.split(";")[0]);
    if (!response.ok || cookies.length === 0) {
      throw new Error(`no session: ${response.status} ${await response.text()}`);
    }
    return new HoldfastSession(url, cookies.join("; "));
  }

  private constructor(url: string, cookie: string) {
    this.#url = url;
    this.#cookie = cookie;
  }

  /**
   * A socket on the module's instance, not yet open; without a key where there is one instance.
   *
   * @param token for `authenticate`
   */
  open(module: string, key?: string, token?: string): WebSocket {
    const query = key === undefined ? "" : `?key=${encodeURIComponent(key)}`;
    const protocols =
      token === undefined
        ? []
        : ["holdfast.1", `holdfast.token.${Buffer.from(token).toString("base64url")}`];
    return new WebSocket(
      `${this.#url.replace("http", "ws")}/holdfast/connect/${encodeURIComponent(module)}${query}`,
      protocols,
      { headers: { Origin: this.#url, Cookie: this.#cookie }, perMessageDeflate: false },
    );
  }
}
