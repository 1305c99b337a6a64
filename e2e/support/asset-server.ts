import { once } from "node:events";
import { createReadStream } from "node:fs";
import {
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from "node:http";
import { connect } from "node:net";
import { extname, join, resolve } from "node:path";
import type { Duplex } from "node:stream";

const BUILT = resolve(import.meta.dirname, "../../demo/dist/client");
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

/** Answers for what is not Holdfast's. */
type Serve = (path: string, answer: ServerResponse) => void;

/**
 * Serves pages by itself, by default the built demo, as a service worker or a CDN does, and passes on
 * what is for Holdfast. So the page loads while its server is dead.
 */
export class AssetServer implements AsyncDisposable {
  readonly url: string;
  readonly #server: Server;
  /** Sockets that were upgraded, which the server knows no more: the ends at what it stands before. */
  readonly #links: ReadonlySet<Duplex>;

  private constructor(server: Server, links: ReadonlySet<Duplex>, port: number) {
    this.#server = server;
    this.#links = links;
    this.url = `http://127.0.0.1:${port}`;
  }

  static async before(target: string, serve: Serve = serveDemo): Promise<AssetServer> {
    const { hostname, port } = new URL(target);
    const links = new Set<Duplex>();
    const server = createServer((asked, answer) => {
      const { url = "/", method, headers } = asked;
      if (!url.startsWith("/holdfast/")) {
        serve(url, answer);
        return;
      }
      const passedOn = request({ hostname, port, path: url, method, headers }, (reply) => {
        answer.writeHead(reply.statusCode ?? 502, reply.headers);
        reply.pipe(answer);
      });
      passedOn.on("error", () => answer.destroy());
      asked.pipe(passedOn);
    });
    server.on("upgrade", (asked, near) => {
      const far = connect(Number(port), hostname, () => far.write(headOf(asked)));
      near.pipe(far);
      far.pipe(near);
      links.add(far);
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        one.on("error", () => undefined);
        one.on("close", () => {
          links.delete(far);
          other.destroy();
        });
      }
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("There is no free port.");
    return new AssetServer(server, links, address.port);
  }

  /** On the links that there are, nothing that the server says arrives any more. */
  loseAnswers(): void {
    for (const link of this.#links) link.unpipe().resume();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const link of this.#links) link.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function serveDemo(url: string, answer: ServerResponse): void {
  // Every page of the demo is the same document.
  const path = extname(url) === "" ? "/index.html" : url;
  answer.setHeader("Content-Type", TYPES[extname(path)] ?? "text/plain");
  createReadStream(join(BUILT, path)).pipe(answer);
}

function headOf({ method, url, rawHeaders }: IncomingMessage): string {
  const headers: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    headers.push(`${rawHeaders[index]}: ${rawHeaders[index + 1]}`);
  }
  return `${method} ${url} HTTP/1.1\r\n${headers.join("\r\n")}\r\n\r\n`;
}
