import {
  type AppContract,
  HoldfastError,
  type ModuleContract,
  randomToken,
  type Value,
} from "@holdfast/protocol";
import type {
  ConnectionName,
  ConnectionOf,
  EventsOf,
  KeyArguments,
  ModuleName,
  ModuleOf,
  PresenceOf,
} from "../contract.ts";
import type { Environment, PageSignal } from "../environment.ts";
import { pageEnvironment } from "../environment.ts";
import type { Status } from "../status.ts";
import { type AnyMockAction, MockInstance } from "./mock-instance.ts";
import { MockSocket } from "./mock-socket.ts";

/** What stands in for the actions of a module, or the events of a connection. */
export type MockActions<Module extends ModuleContract> = {
  readonly [Name in keyof Module["actions"]]?: (
    /** To be edited like an ordinary object, before the first `await`. */
    draft: Module["state"],
    payload: Module["actions"][Name]["parameters"][0],
    context: MockActionContext<Module>,
  ) => Module["actions"][Name]["result"] | Promise<Module["actions"][Name]["result"]>;
};

/** What an action's stand-in is given beside draft and payload. */
export interface MockActionContext<Module extends ModuleContract> {
  /** Milliseconds since 1970, as the client's prediction was told. */
  readonly now: number;
  /** The same as the client's prediction gets, at the same place. */
  readonly randomId: () => string;
  /** Tells the page, behind what the action changes. */
  readonly emit: <Event extends keyof EventsOf<Module> & string>(
    event: Event,
    data: EventsOf<Module>[Event],
  ) => void;
  /** Edits the state behind an `await`, where the draft is of no use any more. */
  readonly update: (recipe: (draft: Module["state"]) => unknown) => void;
}

/** One module, or one connection, as a story has it. */
export interface MockModule<Module extends ModuleContract> {
  /** What every instance begins with, by its key; without it nothing is restored. */
  readonly state?: Module["state"] | ((key: string | undefined) => Module["state"]);
  /** What actions do. One that is left out does nothing, and resolves to `undefined`. */
  readonly actions?: MockActions<Module>;
}

/** Options of `mockApp`. */
export interface MockAppOptions<App extends AppContract> {
  readonly modules?: { readonly [Name in ModuleName<App>]?: MockModule<ModuleOf<App, Name>> };
  readonly connections?: {
    readonly [Name in ConnectionName<App>]?: MockModule<ConnectionOf<App, Name>>;
  };
  /** See `MockApp.setStatus`. Default: `"live"`. */
  readonly status?: Status;
}

/** An action that a component has called. */
export type MockCall<App extends AppContract> =
  | {
      readonly [Name in ModuleName<App>]: Called<"module", Name, ModuleOf<App, Name>>;
    }[ModuleName<App>]
  | {
      readonly [Name in ConnectionName<App>]: Called<"connection", Name, ConnectionOf<App, Name>>;
    }[ConnectionName<App>];

type Called<What extends string, Name extends string, Module extends ModuleContract> = {
  readonly [Action in keyof Module["actions"] & string]: {
    readonly [Kind in What]: Name;
  } & {
    readonly key: string | undefined;
    readonly action: Action;
    readonly payload: Module["actions"][Action]["parameters"][0];
  };
}[keyof Module["actions"] & string];

/** One instance, as a story drives it. */
export interface MockHandle<Module extends ModuleContract> {
  /** As it is now. */
  readonly state: Module["state"];
  /** Somebody else changes it: live, like any commit. */
  readonly update: (recipe: (draft: Module["state"]) => unknown) => void;
  readonly emit: <Event extends keyof EventsOf<Module> & string>(
    event: Event,
    data: EventsOf<Module>[Event],
  ) => void;
  /** Others are there and show this of themselves; in place of those before. */
  readonly setOthers: (others: readonly PresenceOf<Module>[]) => void;
}

/** An app without a server. */
export interface MockApp<App extends AppContract> {
  /** For `createHooks`, of whichever framework, or `createClient`. */
  readonly options: { readonly host: string; readonly environment: Partial<Environment> };
  /** Every action that was called, in order. */
  readonly calls: readonly MockCall<App>[];
  /**
   * What hooks say of their connection from now on.
   *
   * - `"live"`, `"reconnecting"`, `"offline"`: an instance that was not shown yet is restored first.
   * - `"connecting"`: nothing is restored; what was live already says `reconnecting`.
   * - `"denied"`, `"closed"`: for good, with the error that hooks give. Default: `FORBIDDEN`, and
   *   `PROTOCOL_UNSUPPORTED`.
   */
  setStatus(status: Status, error?: HoldfastError): void;
  module<Name extends ModuleName<App>>(
    name: Name,
    ...key: KeyArguments<ModuleOf<App, Name>>
  ): MockHandle<ModuleOf<App, Name>>;
  connection<Name extends ConnectionName<App>>(
    name: Name,
    key?: string,
  ): MockHandle<ConnectionOf<App, Name>>;
}

/**
 * An app for stories and tests of components: states that you make up, and the client as it is, with
 * optimism, pending actions and reconnecting. There is no server, and nothing of `node:` in it.
 *
 * @example
 * const mock = mockApp<App>({
 *   modules: {
 *     todos: {
 *       state: { items: [{ id: "1", title: "milk", done: false }] },
 *       actions: { add: (draft, title, { randomId }) => void draft.items.push({ id: randomId(), title, done: false }) },
 *     },
 *   },
 * });
 * export const { useModule } = createHooks<App>(mock.options);
 */
export function mockApp<App extends AppContract>(options: MockAppOptions<App> = {}): MockApp<App> {
  const server = new MockServer(options as AnyOptions);
  // Types are checked where it is used; inside nothing is known of the contract.
  return server as unknown as MockApp<App>;
}

type AnyModule = {
  readonly state?: Value | ((key: string | undefined) => Value);
  readonly actions?: Readonly<Record<string, AnyMockAction>>;
};
type AnyModules = Readonly<Record<string, AnyModule | undefined>>;
interface AnyOptions {
  readonly modules?: AnyModules;
  readonly connections?: AnyModules;
  readonly status?: Status;
}

/** One attempt of a page to connect, or the link that came of it. */
interface Link {
  readonly socket: MockSocket;
  readonly instance: MockInstance | undefined;
}

const ORIGIN = "https://mock.holdfast.invalid";
const BROKEN = 1006;
const CONNECTION = "connection:";

/** Codes of closing, by what hooks are to say. */
const ENDS = {
  denied: { code: 4403, error: new HoldfastError("FORBIDDEN", "You may not be here.") },
  closed: {
    code: 4426,
    error: new HoldfastError("PROTOCOL_UNSUPPORTED", "Reload the page: it is of another version."),
  },
} as const;

class MockServer {
  readonly options: { readonly host: string; readonly environment: Partial<Environment> };
  readonly calls: unknown[] = [];
  readonly #options: AnyOptions;
  readonly #instances = new Map<string, MockInstance>();
  readonly #links = new Set<Link>();
  /** Who has seen a state: then it may be taken away. */
  readonly #shown = new WeakSet<MockInstance>();
  readonly #signals = new Set<(signal: PageSignal) => void>();
  #status: Status;
  #error: HoldfastError | undefined;
  #isOnline = true;
  #hasBegun = false;

  constructor(options: AnyOptions) {
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
