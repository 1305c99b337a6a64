import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { CloseCode, type Limits } from "@holdfast/protocol";
import { type WebSocket, WebSocketServer } from "ws";
import { type Credentials, credentialsOf } from "../admission/credentials.ts";
import { asRefusal } from "../admission/refusal.ts";
import type { AdmittedHere } from "./admit-here.ts";
import { refuse } from "./node-connection.ts";
import type { Objects } from "./objects.ts";
import { reachHere } from "./reach-here.ts";

/** A link from which nothing came for so long, not even an answer to a ping, is gone. */
const KEEPALIVE_MS = 30_000;
/** Peers answer a close, or are left. */
const GOODBYE_MS = 1_000;
/** A frame over the limit is refused in words; one so many times over is not even read. */
const UNREADABLE = 4;

export interface SocketsParts {
  readonly objects: Objects;
  readonly limits: Limits;
  /** Whether sockets connect at this path. */
  readonly isForSockets: (path: string) => boolean;
  /** @throws HoldfastError for whoever may not connect */
  readonly admit: (request: Request, credentials: Credentials) => Promise<AdmittedHere>;
}

/** Takes sockets in, each to its instance's home, and lets go of those whose peer is gone. */
export class Sockets {
  readonly #parts: SocketsParts;
  readonly #server: WebSocketServer;
  readonly #heard = new WeakSet<WebSocket>();
  readonly #keepalive: NodeJS.Timeout;
  #admitsNobody = false;

  constructor(parts: SocketsParts) {
    this.#parts = parts;
    this.#server = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      maxPayload: UNREADABLE * parts.limits.frameInBytes,
      handleProtocols: (_, incoming) => agreedProtocol(incoming),
    });
    this.#keepalive = setInterval(() => this.#pingAll(), KEEPALIVE_MS);
    this.#keepalive.unref();
  }

  upgrade(request: Request, incoming: IncomingMessage, socket: Duplex, head: Buffer): void {
    const take = (then: (socket: WebSocket) => void): void =>
      this.#server.handleUpgrade(incoming, socket, head, (taken) => {
        this.#heard.add(taken);
        taken.on("pong", () => this.#heard.add(taken));
        taken.on("message", () => this.#heard.add(taken));
        then(taken);
      });
    if (!this.#parts.isForSockets(new URL(request.url).pathname)) {
      socket.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n");
    } else if (this.#admitsNobody) {
      socket.end("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n");
    } else {
      this.#connect(request, take).catch((error: unknown) => {
        // A browser cannot read why an upgrade was refused, and would try for ever.
        const refusal = asRefusal(error);
        take((refused) => {
          refused.on("error", () => undefined);
          refuse(refused, refusal);
        });
      });
    }
  }

  /** From now on whoever comes is told to come later. */
  admitNobody(): void {
    this.#admitsNobody = true;
  }

  /** Resolves when no socket is left. */
  async close(): Promise<void> {
    clearInterval(this.#keepalive);
    const left = [...this.#server.clients];
    for (const socket of left) socket.close(CloseCode.restart, "The server restarts");
    const closed = left.map((socket) => new Promise((resolve) => socket.once("close", resolve)));
    const timer = setTimeout(() => {
      for (const socket of left) socket.terminate();
    }, GOODBYE_MS);
    await Promise.all(closed);
    clearTimeout(timer);
  }

  async #connect(
    request: Request,
    take: (then: (socket: WebSocket) => void) => void,
  ): Promise<void> {
    const { objects, admit } = this.#parts;
    const admitted = await admit(request, credentialsOf(request));
    await reachHere(
      admitted,
      (name) => objects.at(name),
      (home, identity) => take((socket) => home.accept(socket, identity)),
    );
  }

  /** What has gone without a word is found by its silence. */
  #pingAll(): void {
    for (const socket of this.#server.clients) {
      if (this.#heard.delete(socket)) socket.ping();
      else socket.terminate();
    }
  }
}

function agreedProtocol(incoming: IncomingMessage): string | false {
  const offered = incoming.headers["sec-websocket-protocol"] ?? "";
  const headers = { "Sec-WebSocket-Protocol": offered };
  return credentialsOf(new Request("http://localhost", { headers })).protocol ?? false;
}
