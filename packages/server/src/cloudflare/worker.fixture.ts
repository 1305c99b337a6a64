import {
  type ClientMessage,
  decodeServerFrame,
  encodeMessage,
  joinFrame,
  type ServerMessage,
} from "@holdfast/protocol";
import { exports } from "cloudflare:workers";

export const ORIGIN = "https://app.example";

/** A request to the worker under test, as a page of its own origin makes it. */
export function ask(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  if (!headers.has("Origin")) headers.set("Origin", ORIGIN);
  if (headers.get("Origin") === "none") headers.delete("Origin");
  return exports.default.fetch(new Request(`${ORIGIN}${path}`, { ...init, headers }));
}

/** The cookie of a new session. */
export async function newSession(): Promise<string> {
  const response = await ask("/holdfast/session", { method: "POST" });
  const cookie = response.headers
    .getSetCookie()
    .find((text) => text.startsWith("holdfast_session="));
  return cookie?.split(";")[0] ?? "";
}

/** How many objects the platform has made: nobody wakes one without that. */
export async function constructed(): Promise<number> {
  return (await (await ask("/test/constructed")).json()) as number;
}

/** The subprotocols that a client offers with a token. */
export function withToken(token: string): string {
  return `holdfast.1, holdfast.token.${btoa(token).replaceAll("=", "")}`;
}

/** A socket whose messages can be waited for. */
export class TestSocket {
  readonly #socket: WebSocket;
  readonly #messages: ServerMessage[] = [];
  #closed: { code: number; reason: string } | undefined;
  #wake: () => void = () => {};

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      this.#messages.push(...decodeServerFrame(String(data)));
      this.#wake();
    });
    socket.addEventListener("close", ({ code, reason }) => {
      this.#closed = { code, reason };
      this.#wake();
    });
    socket.accept();
  }

  static async open(
    path: string,
    { cookie, origin, protocol }: { cookie?: string; origin?: string; protocol?: string } = {},
  ): Promise<TestSocket> {
    const response = await ask(path, {
      headers: {
        Upgrade: "websocket",
        ...(cookie === undefined ? {} : { Cookie: cookie }),
        ...(origin === undefined ? {} : { Origin: origin }),
        ...(protocol === undefined ? {} : { "Sec-WebSocket-Protocol": protocol }),
      },
    });
    if (!response.webSocket) throw new Error(`no socket: ${response.status}`);
    const socket = new TestSocket(response.webSocket);
    socket.protocol = response.headers.get("Sec-WebSocket-Protocol");
    return socket;
  }

  protocol: string | null = null;

  say(...messages: readonly ClientMessage[]): void {
    this.#socket.send(joinFrame(messages.map(encodeMessage)));
  }

  sendRaw(frame: string | ArrayBuffer): void {
    this.#socket.send(frame);
  }

  close(): void {
    this.#socket.close(1000, "done");
  }

  /** The next `count` messages. */
  async take(count: number): Promise<ServerMessage[]> {
    while (this.#messages.length < count) await this.#woken();
    return this.#messages.splice(0, count);
  }

  /** Everything until the close, and the close. */
  async untilClosed(): Promise<{ code: number; reason: string; messages: ServerMessage[] }> {
    while (!this.#closed) await this.#woken();
    return { ...this.#closed, messages: this.#messages.splice(0) };
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
