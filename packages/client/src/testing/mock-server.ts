import { CloseCode, HoldfastError, randomToken, type Value } from "@holdfast/protocol";
import type { ClientOptions } from "../client-options.ts";
import { type Environment, pageEnvironment, type PageSignal } from "../environment.ts";
import type { Status } from "../status.ts";
import { type AnyMockAction, MockInstance } from "./mock-instance.ts";
import { MockSocket } from "./mock-socket.ts";

/** What a client is to be given, so that it reaches nobody but the mock. */
export type MockOptions = Required<Pick<ClientOptions, "host" | "environment">>;

/** What `mockApp` is given, without its types. */
export interface MockServerOptions {
  readonly modules?: AnyModules;
  readonly connections?: AnyModules;
  readonly status?: Status;
}

type AnyModule = {
  readonly state?: Value | ((key: string | undefined) => Value);
  readonly actions?: Readonly<Record<string, AnyMockAction>>;
};
type AnyModules = Readonly<Record<string, AnyModule | undefined>>;

/** One attempt of a page to connect, or the link that came of it. */
interface Link {
  readonly socket: MockSocket;
  readonly instance: MockInstance | undefined;
}

const ORIGIN = "https://mock.holdfast.invalid";
const BROKEN = 1006;
/** What stands before a connection's name where modules stand by theirs. */
const CONNECTION = "connection:";

/** Codes of closing, by what hooks are to say. */
const ENDS = {
  denied: {
    code: CloseCode.forbidden,
    error: new HoldfastError("FORBIDDEN", "You may not be here."),
  },
  closed: {
    code: CloseCode.protocol,
    error: new HoldfastError("PROTOCOL_UNSUPPORTED", "Reload the page: it is of another version."),
  },
} as const;

/**
 * A server in the page's own memory: what instances there are, and what links do by the status that a
 * story asks for. What an instance does with frames is `MockInstance`.
 */
export class MockServer {
  readonly options: MockOptions;
  readonly calls: unknown[] = [];
  readonly #options: MockServerOptions;
  readonly #instances = new Map<string, MockInstance>();
  readonly #links = new Set<Link>();
  /** Who has seen a state: then it may be taken away. */
  readonly #shown = new WeakSet<MockInstance>();
  readonly #signals = new Set<(signal: PageSignal) => void>();
  #status: Status;
  #error: HoldfastError | undefined;
  #isOnline = true;
  #hasBegun = false;

  constructor(options: MockServerOptions) {
    this.#options = options;
    this.#status = options.status ?? "live";
    this.options = { host: ORIGIN, environment: this.#environment() };
  }

  setStatus(status: Status, error?: HoldfastError): void {
    this.#status = status;
    this.#error = error;
    const wasOnline = this.#isOnline;
    this.#isOnline = status !== "offline" || !this.#isAtRest;
    if (wasOnline && !this.#isOnline) this.#signal("offline");
    for (const link of this.#links) this.#lead(link);
    if (this.#isOnline) this.#signal("online");
  }

  module(name: string, key?: string): object {
    return this.#handle(name, key);
  }

  connection(name: string, key?: string): object {
    return this.#handle(CONNECTION + name, key);
  }

  #handle(module: string, key: string | undefined): object {
    const at = (): MockInstance => {
      const instance = this.#at(module, key);
      if (instance) return instance;
      throw new HoldfastError(
        "DEFINITION_INVALID",
        `mockApp was given no state of "${module.replace(CONNECTION, "")}". Pass one.`,
      );
    };
    return {
      get state() {
        return at().state;
      },
      update: (recipe: (draft: never) => unknown) => at().update(recipe),
      emit: (event: string, data: unknown) => at().emit(event, data),
      setOthers: (others: readonly Value[]) => at().setOthers(others),
    };
  }

  /** The instance; `undefined` where the story has no state of its module. */
  #at(module: string, key: string | undefined): MockInstance | undefined {
    const id = JSON.stringify([module, key]);
    const known = this.#instances.get(id);
    if (known) return known;
    const isConnection = module.startsWith(CONNECTION);
    const name = isConnection ? module.slice(CONNECTION.length) : module;
    const { modules = {}, connections = {} } = this.#options;
    const mocked = (isConnection ? connections : modules)[name];
    if (mocked?.state === undefined) return undefined;
    const { state, actions = {} } = mocked;
    const what = isConnection ? "connection" : "module";
    const instance = new MockInstance({
      state: typeof state === "function" ? state(key) : state,
      actions,
      now: () => Date.now(),
      onCall: (action, payload) => void this.calls.push({ [what]: name, key, action, payload }),
    });
    this.#instances.set(id, instance);
    return instance;
  }

  #environment(): Partial<Environment> {
    const connect = (socket: MockSocket): void => this.#connect(socket);
    class Socket extends MockSocket {
      constructor(url: string) {
        super(url);
        connect(this);
      }
    }
    return {
      origin: ORIGIN,
      // True because partysocket uses no more of a WebSocket than there is.
      WebSocket: Socket as unknown as NonNullable<Environment["WebSocket"]>,
      // Nobody is named, so nothing is kept in the browser, and nothing that was is shown.
      cookies: "",
      storage: undefined,
      locks: undefined,
      fetch: async () => new Response(null, { status: 204 }),
      randomToken,
      isOnline: () => this.#isOnline,
      onPageSignal: (listener) => {
        this.#signals.add(listener);
        const ignore = pageEnvironment.onPageSignal((signal) => {
          if (signal === "visible" || signal === "hidden") listener(signal);
        });
        return () => {
          this.#signals.delete(listener);
          ignore();
        };
      },
    };
  }

  #connect(socket: MockSocket): void {
    const { pathname, searchParams } = new URL(socket.url);
    const module = decodeURIComponent(pathname.slice(pathname.lastIndexOf("/") + 1));
    const instance = this.#at(module, searchParams.get("key") ?? undefined);
    const link: Link = { socket, instance };
    this.#hasBegun = true;
    this.#links.add(link);
    socket.onLeft = () => this.#end(link);
    socket.onFrame = (frame) => {
      instance?.receive(socket, frame);
      if (!instance || this.#shown.has(instance)) return;
      this.#shown.add(instance);
      this.#settle();
    };
    queueMicrotask(() => {
      this.#lead(link);
      if (!instance) this.#settle();
    });
  }

  /** What a page was told is shown before the link is taken away. */
  #settle(): void {
    if (this.#status !== "live") setTimeout(() => this.setStatus(this.#status, this.#error), 0);
  }

  /** Does with a link what the status says. */
  #lead(link: Link): void {
    const { socket, instance } = link;
    switch (this.#status) {
      case "connecting":
        return this.#drop(link, BROKEN);
      case "live":
        // Without a state, its answer never comes.
        return instance && socket.open();
      case "reconnecting":
      case "offline":
        if (instance && !this.#shown.has(instance)) return socket.open();
        return this.#drop(link, BROKEN);
      case "denied":
      case "closed": {
        const { code, error } = ENDS[this.#status];
        const { code: name, message } = this.#error ?? error;
        socket.open();
        socket.deliver({ type: "error", error: { code: name, message } });
        return this.#drop(link, code);
      }
    }
  }

  /** A link that was never open stays as it is: nothing answers. */
  #drop(link: Link, code: number): void {
    if (link.socket.readyState === 0) return;
    this.#end(link);
    link.socket.drop(code);
  }

  #end(link: Link): void {
    this.#links.delete(link);
    link.instance?.leave(link.socket);
  }

  /** Whether somebody has come, and everybody who has was shown something. */
  get #isAtRest(): boolean {
    return (
      this.#hasBegun &&
      [...this.#links].every(({ instance }) => !instance || this.#shown.has(instance))
    );
  }

  #signal(signal: PageSignal): void {
    for (const listener of this.#signals) listener(signal);
  }
}
