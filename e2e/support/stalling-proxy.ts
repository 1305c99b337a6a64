import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

/** A network between browser and server that loses links without telling either of them. */
export class StallingProxy implements AsyncDisposable {
  readonly url: string;
  readonly #server: Server;
  readonly #links = new Set<readonly [Socket, Socket]>();

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.url = `http://127.0.0.1:${port}`;
  }

  static async to(target: string): Promise<StallingProxy> {
    const { hostname, port } = new URL(target);
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("There is no free port.");
    const proxy = new StallingProxy(server, address.port);
    server.on("connection", (near) => {
      const far = connect(Number(port), hostname);
      const link = [near, far] as const;
      proxy.#links.add(link);
      near.pipe(far);
      far.pipe(near);
      for (const socket of link) {
        socket.on("error", () => undefined);
        socket.on("close", () => {
          for (const end of link) end.destroy();
          proxy.#links.delete(link);
        });
      }
    });
    return proxy;
  }

  /** From now on nothing gets through on the links that there are, either way. Later ones work. */
  stall(): void {
    for (const [near, far] of this.#links) {
      near.unpipe(far);
      far.unpipe(near);
      near.pause();
      far.pause();
    }
    this.#links.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const link of this.#links) for (const end of link) end.destroy();
    this.#server.close();
  }
}
