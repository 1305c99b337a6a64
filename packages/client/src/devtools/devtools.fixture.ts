import type { AppContract } from "@holdfast/protocol";
import { type Client, createClient } from "../client.ts";
import type { TestServer } from "../server.fixture.ts";
import { FakeSocket } from "../socket.fixture.ts";
import { type DevtoolsOptions, mountDevtools } from "./mount-devtools.ts";

/** Any module, any action: names are what is tested. */
export interface AnyApp extends AppContract {
  modules: Record<
    string,
    {
      state: Record<string, unknown>;
      actions: Record<string, { parameters: [payload?: unknown]; result: unknown }>;
      keys: "named";
      events: Record<string, unknown>;
    }
  >;
}

/**
 * The page as it is, apart from its network: sockets that are answered by servers of a few lines, as
 * soon as they are let.
 */
export class DevtoolsBench {
  readonly sockets: FakeSocket[] = [];
  /** Answers come by themselves; `false`: nothing is answered. */
  isAnswering = true;
  readonly client: Client<AnyApp>;
  readonly #servers = new Map<string, TestServer>();
  readonly #unmounts: (() => void)[] = [];
  readonly #restore: (() => void)[] = [];

  constructor() {
    const { WebSocket, fetch } = globalThis;
    const connect = (socket: FakeSocket): void => this.#connect(socket);
    const changed = (socket: FakeSocket): void => this.#changed(socket);
    globalThis.WebSocket = class extends FakeSocket {
      constructor(url: string, protocols?: string | string[]) {
        super(url, protocols);
        connect(this);
      }
      override send(text: string): void {
        super.send(text);
        changed(this);
      }
      // True because partysocket uses no more of a WebSocket than the fake has.
    } as unknown as typeof WebSocket;
    globalThis.fetch = async () => new Response(null, { status: 204 });
    this.#restore.push(() => Object.assign(globalThis, { WebSocket, fetch }));
    this.client = createClient<AnyApp>({ onRejected: () => undefined });
  }

  /** The server of one instance. */
  serve(module: string, key: string, server: TestServer): TestServer {
    this.#servers.set(JSON.stringify([module, key]), server);
    return server;
  }

  open(options: DevtoolsOptions = { open: true }): ShadowRoot {
    this.#unmounts.push(mountDevtools(options));
    return this.root;
  }

  get root(): ShadowRoot {
    const root = document.querySelector("holdfast-devtools")?.shadowRoot;
    if (!root) throw new Error("There are no devtools.");
    return root;
  }

  /** The latest socket that is open. */
  get socket(): FakeSocket {
    const socket = this.sockets.findLast(({ readyState }) => readyState === FakeSocket.OPEN);
    if (!socket) throw new Error("No socket is open.");
    return socket;
  }

  /** Takes the devtools away. */
  close(): void {
    for (const unmount of this.#unmounts.splice(0)) unmount();
  }

  end(): void {
    this.close();
    this.client.close();
    for (const restore of this.#restore) restore();
    localStorage.clear();
  }

  #connect(socket: FakeSocket): void {
    this.sockets.push(socket);
    setTimeout(() => this.isAnswering && this.#server(socket).accept(socket));
  }

  #changed(socket: FakeSocket): void {
    setTimeout(() => this.isAnswering && this.#server(socket).handle(socket));
  }

  #server({ url }: FakeSocket): TestServer {
    const { pathname, searchParams } = new URL(url);
    const module = decodeURIComponent(pathname.split("/").at(-1) ?? "");
    const server = this.#servers.get(JSON.stringify([module, searchParams.get("key")]));
    if (!server) throw new Error(`Nobody serves ${url}.`);
    return server;
  }
}

/** What one sees of an element. */
export function textOf(root: ParentNode, selector: string): string {
  return [...root.querySelectorAll<HTMLElement>(selector)].map((one) => one.innerText).join("\n");
}
