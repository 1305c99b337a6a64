import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { toRequest, writeResponse } from "./web-request.ts";

/** Who answers what comes in, and how to find it. */
export interface ListenerOptions {
  readonly port: number;
  readonly hostname: string;
  /** Where browsers find it; `undefined`: by http, where the request says. */
  readonly origin: string | undefined;
  readonly answer: (request: Request) => Promise<Response>;
  readonly upgrade: (
    request: Request,
    incoming: IncomingMessage,
    socket: Duplex,
    head: Buffer,
  ) => void;
}

/** Node's HTTP server, with the requests and responses of the web. */
export class Listener {
  readonly #server: Server;
  readonly #options: ListenerOptions;

  /** Resolves when it listens. */
  static async start(options: ListenerOptions): Promise<Listener> {
    const listener = new Listener(options);
    listener.#server.listen(options.port, options.hostname);
    await once(listener.#server, "listening");
    return listener;
  }

  private constructor(options: ListenerOptions) {
    this.#options = options;
    this.#server = createServer((incoming, outgoing) => void this.#respond(incoming, outgoing));
    this.#server.on("upgrade", (incoming, socket, head) => {
      // Until somebody takes it over; a link that breaks is no reason to end the process.
      socket.on("error", () => socket.destroy());
      const request = this.#read(incoming);
      if (request) options.upgrade(request, incoming, socket, head);
      else socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
    });
  }

  get port(): number {
    return this.#address.port;
  }

  /** `http://127.0.0.1:8787` */
  get url(): string {
    const { address, family, port } = this.#address;
    return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
  }

  /** Answers nobody any more; resolves when the port is free. */
  async close(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  get #address(): AddressInfo {
    // It listens on a port, and not on a pipe.
    return this.#server.address() as AddressInfo;
  }

  async #respond(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const request = this.#read(incoming);
    await writeResponse(
      request ? await this.#answer(request) : new Response("Bad request.", { status: 400 }),
      outgoing,
    );
  }

  async #answer(request: Request): Promise<Response> {
    try {
      return await this.#options.answer(request);
    } catch (error) {
      console.error("Holdfast: a request could not be answered.", error);
      return new Response("The server's log says what is wrong.", { status: 500 });
    }
  }

  /** `undefined` for what is no request: a host or a target that no URL can hold. */
  #read(incoming: IncomingMessage): Request | undefined {
    const { host = "localhost" } = incoming.headers;
    try {
      return toRequest(incoming, this.#options.origin ?? `http://${host}`);
    } catch {
      return undefined;
    }
  }
}
