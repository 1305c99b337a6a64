import {
  type ClientMessage,
  decodeServerFrame,
  encodeMessage,
  joinFrame,
  PONG_FRAME,
  PROTOCOL_VERSION,
  type ServerMessage,
  type Value,
} from "@holdfast/protocol";
import { onTestFinished } from "vitest";
import { WebSocket } from "ws";

/** One browser at a Node server, without a browser: its session, and the sockets that it opens. */
export class TestBrowser {
  readonly #url: string;
  readonly cookie: string;

  static async at(url: string): Promise<TestBrowser> {
    const response = await fetch(`${url}/holdfast/session`, {
      method: "POST",
      headers: { Origin: url },
    });
    const cookies = response.headers.getSetCookie().map((cookie) => cookie.split(";")[0]);
    return new TestBrowser(url, cookies.join("; "));
  }

  private constructor(url: string, cookie: string) {
    this.#url = url;
    this.cookie = cookie;
  }

  get session(): string {
    return /holdfast_session=([\w-]+)\./.exec(this.cookie)?.[1] ?? "";
  }

  socket(path: string, headers: Record<string, string> = {}, protocols: string[] = []): WebSocket {
    const socket = new WebSocket(`${this.#url.replace("http", "ws")}${path}`, protocols, {
      headers: { Origin: this.#url, Cookie: this.cookie, ...headers },
    });
    onTestFinished(() => socket.terminate());
    return socket;
  }

  /** A page on the module's instance, greeted. */
  async page(
    module: string,
    { key = "", client = "c1", protocols = [] as string[] } = {},
  ): Promise<TestPage> {
    const query = key === "" ? "" : `?key=${encodeURIComponent(key)}`;
    const page = new TestPage(
      this.socket(`/holdfast/connect/${module}${query}`, {}, protocols),
      client,
    );
    await page.greeted();
    return page;
  }
}

/** One socket that speaks the protocol. */
export class TestPage {
  readonly socket: WebSocket;
  readonly client: string;
  state: Value;
  version = -1;
  readonly messages: ServerMessage[] = [];
  pongs = 0;
  closed: { code: number; reason: string } | undefined;
  #seq = 0;
  #settled = 0;
  #wake: () => void = () => {};

  constructor(socket: WebSocket, client: string) {
    this.socket = socket;
    this.client = client;
    socket.on("message", (data) => {
      const frame = String(data);
      if (frame === PONG_FRAME) this.pongs++;
      else this.messages.push(...decodeServerFrame(frame));
      this.#wake();
    });
    socket.on("close", (code, reason) => {
      this.closed = { code, reason: String(reason) };
      this.#wake();
    });
    socket.on("error", () => undefined);
  }

  async greeted(): Promise<void> {
    await new Promise((resolve, reject) => {
      this.socket.once("open", resolve);
      this.socket.once("error", reject);
    });
    this.say({
      type: "hello",
      protocol: PROTOCOL_VERSION,
      clients: [{ id: this.client, settled: 0 }],
    });
    const greeting = await this.take((message) => message.type === "snapshot");
    if (greeting.type !== "snapshot") throw new Error("not greeted");
    this.state = greeting.state;
    this.version = greeting.version;
  }

  say(...messages: readonly ClientMessage[]): void {
    this.socket.send(joinFrame(messages.map(encodeMessage)));
  }

  /** Sends an action; the number that it has. */
  send(name: string, payload?: Value): number {
    const seq = ++this.#seq;
    const sent = payload === undefined ? {} : { payload };
    const settled = this.#settled;
    this.say({ type: "action", client: this.client, seq, settled, name, ...sent });
    return seq;
  }

  /** Sends an action, and waits for its answer. */
  async act(name: string, payload?: Value): Promise<ServerMessage> {
    const seq = this.send(name, payload);
    const answer = await this.take(
      (message) => (message.type === "ack" || message.type === "reject") && message.seq === seq,
    );
    // What was sent before it is answered by now, or runs still.
    if (this.#settled === seq - 1) this.#settled = seq;
    return answer;
  }

  /** The first message of a kind that has come or comes; those before it are dropped. */
  async take(is: (message: ServerMessage) => boolean): Promise<ServerMessage> {
    for (;;) {
      const at = this.messages.findIndex(is);
      const [found] = at < 0 ? [] : this.messages.splice(0, at + 1).slice(-1);
      if (found) return found;
      if (this.closed) throw new Error(`closed: ${JSON.stringify(this.closed)}`);
      await this.#woken();
    }
  }

  async untilClosed(): Promise<{ code: number; reason: string; messages: ServerMessage[] }> {
    while (!this.closed) await this.#woken();
    return { ...this.closed, messages: this.messages.splice(0) };
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
