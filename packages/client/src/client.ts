import {
  type AppContract,
  CLIENT_LIMITS,
  EXPLAIN,
  HoldfastError,
  type ClientLimits,
  type ModuleContract,
} from "@holdfast/protocol";
import { createActions } from "./action-caller.ts";
import type { ActionsOf, ModuleName, ModuleOf, ReducersOf } from "./contract.ts";
import { type Environment, pageEnvironment } from "./environment.ts";
import { Instance } from "./instance.ts";
import { Listeners } from "./listeners.ts";
import type { ModuleHandle, ModuleSnapshot } from "./module-handle.ts";
import type { Rejection } from "./store/action-promise.ts";
import type { Optimism, Reducer } from "./store/prediction.ts";
import { addressOf } from "./transport/address.ts";
import type { Admitter, TokenSource } from "./transport/admission.ts";
import { Session } from "./transport/session.ts";
import type { Status } from "./status.ts";

/** Browsers open sockets to one host one after another. */
const MANY_INSTANCES = 30;

export interface ClientOptions {
  /** The server's address, like `https://example.com`. Default: the page's own. */
  readonly host?: string;
  /** Gives the token to connect with; asked before every attempt, so that it is always fresh. */
  readonly token?: TokenSource;
  /**
   * Is told of every refused action whose promise nobody awaits or catches. Default: says so on the
   * console.
   */
  readonly onRejected?: (rejection: Rejection) => void;
  readonly limits?: Partial<ClientLimits>;
  /**
   * Pass the `optimism` of this package to use optimistic reducers. It is no default, because it
   * brings immer into the bundle.
   */
  readonly optimism?: Optimism;
  /** Parts of the world to replace, for tests and for programs outside the browser. */
  readonly environment?: Partial<Environment>;
}

/** All instances together. */
export interface ClientSnapshot {
  /**
   * That of the instance that is furthest from live; `denied` or `closed` only if all are;
   * `connecting` if there is none.
   */
  readonly status: Status;
  /** The number of unacknowledged actions. */
  readonly pending: number;
}

/** The key of a handle: required for `named()` modules, refused for others. */
export type KeyArguments<Module extends ModuleContract> = Module["keys"] extends "named"
  ? [key: string]
  : [];

export interface Client<App extends AppContract> {
  /** The handle of one instance; opens nothing. */
  module<Name extends ModuleName<App>>(
    name: Name,
    ...key: KeyArguments<ModuleOf<App, Name>>
  ): ModuleHandle<ModuleOf<App, Name>>;
  /** The same object until something changes. */
  getSnapshot(): ClientSnapshot;
  /** @returns a function that ends the subscription */
  subscribe(listener: () => void): () => void;
  /** Closes every connection for good; what is unanswered is rejected with `CLOSED`. */
  close(): void;
}

/**
 * The client of an app, without a framework.
 *
 * @throws HoldfastError `DEFINITION_INVALID` for a host that is no address
 *
 * @example
 * const client = createClient<App>();
 * const counter = client.module("counter");
 * counter.subscribe(() => console.log(counter.getSnapshot().state?.count));
 * await counter.actions.increment();
 */
export function createClient<App extends AppContract>(options: ClientOptions = {}): Client<App> {
  return new PageClient(options);
}

const NOT_OPEN: ModuleSnapshot<never> = {
  state: undefined,
  restored: false,
  status: "connecting",
  pending: 0,
  error: undefined,
};

/** Furthest from live first. */
const BY_DISTANCE: readonly Status[] = [
  "offline",
  "reconnecting",
  "connecting",
  "live",
  "denied",
  "closed",
];

class PageClient<App extends AppContract> implements Client<App> {
  readonly #options: ClientOptions;
  readonly #environment: Environment;
  readonly #limits: ClientLimits;
  readonly #admitter: Admitter | undefined;
  readonly #instances = new Map<string, Instance>();
  readonly #listeners: Listeners;
  #snapshot: ClientSnapshot = { status: "connecting", pending: 0 };
  #notOpen: ModuleSnapshot<never> = NOT_OPEN;
  #closed: HoldfastError | undefined;
  #hasWarned = false;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#environment = withDefaults(options.environment);
    this.#limits = { ...CLIENT_LIMITS, ...options.limits };
    this.#admitter = createAdmitter(options, this.#environment);
    this.#listeners = new Listeners(this.#environment);
  }

  module<Name extends ModuleName<App>>(
    name: Name,
    ...[key]: KeyArguments<ModuleOf<App, Name>>
  ): ModuleHandle<ModuleOf<App, Name>> {
    const id = JSON.stringify([name, key]);
    const call = (action: string, payload: unknown, reducer?: Reducer): Promise<unknown> =>
      this.#instance(id, name, key).dispatch(action, payload, reducer);
    // Types are checked where handles are used; in here actions and states have none. What the
    // casts say is true as far as the server keeps the contract.
    type Module = ModuleOf<App, Name>;
    const handle = {
      module: name,
      key,
      getSnapshot: () => this.#instances.get(id)?.getSnapshot() ?? this.#notOpen,
      subscribe: (listener: () => void) => this.#instance(id, name, key).subscribe(listener),
      on: (event: string, listener: (data: unknown) => void) =>
        this.#instance(id, name, key).on(event, listener),
      dispatch: (action: string, payload?: unknown) => call(action, payload),
      actions: createActions(call) as ActionsOf<Module>,
      optimistic: (reducers: () => ReducersOf<Module> | undefined) =>
        createActions((action, payload) =>
          call(action, payload, (reducers() as Record<string, Reducer> | undefined)?.[action]),
        ) as ActionsOf<Module>,
    };
    return handle as ModuleHandle<Module>;
  }

  getSnapshot(): ClientSnapshot {
    return this.#snapshot;
  }

  subscribe(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  close(): void {
    this.#closed ??= new HoldfastError(
      "CLOSED",
      EXPLAIN && "The client was closed. What was unanswered by then may have been done or not.",
    );
    this.#notOpen = { ...NOT_OPEN, status: "closed", error: this.#closed };
    for (const instance of this.#instances.values()) instance.close(this.#closed);
  }

  #instance(id: string, module: string, key: string | undefined): Instance {
    let instance = this.#instances.get(id);
    if (!instance) {
      instance = new Instance({
        environment: this.#environment,
        limits: this.#limits,
        module,
        key,
        optimism: this.#options.optimism,
        admitter: this.#admitter,
        onRejected: (rejection) => this.#rejected(rejection),
        onChange: () => this.#changed(),
        onIdle: () => {
          this.#instances.delete(id);
          this.#changed();
        },
      });
      this.#instances.set(id, instance);
      if (this.#closed) instance.close(this.#closed);
      this.#warnOfMany();
      this.#changed();
    }
    return instance;
  }

  #changed(): void {
    const snapshots = [...this.#instances.values()].map((instance) => instance.getSnapshot());
    const status = BY_DISTANCE.find((one) => snapshots.some((snapshot) => snapshot.status === one));
    const pending = snapshots.reduce((sum, snapshot) => sum + snapshot.pending, 0);
    const before = this.#snapshot;
    this.#snapshot = { status: status ?? "connecting", pending };
    if (before.status === this.#snapshot.status && before.pending === pending) {
      this.#snapshot = before;
    } else {
      this.#listeners.notify();
    }
  }

  #rejected(rejection: Rejection): void {
    const { onRejected } = this.#options;
    if (onRejected) return onRejected(rejection);
    const { module, action, error } = rejection;
    this.#environment.report(
      `Holdfast: the action "${action}" of "${module}" was refused (${error.code}), and nobody looked at its promise.${EXPLAIN ? " Catch it, or pass `onRejected`." : ""}`,
      error,
    );
  }

  #warnOfMany(): void {
    if (this.#hasWarned || this.#instances.size <= MANY_INSTANCES) return;
    this.#hasWarned = true;
    this.#environment.report(
      `Holdfast: this page has ${this.#instances.size} instances open.${EXPLAIN ? " Each has a socket of its own, and browsers open those one after another. Put what is shown together into one." : ""}`,
    );
  }
}

/** Getters are asked when they are needed, not here. */
function withDefaults(parts: Partial<Environment> = {}): Environment {
  return Object.create(pageEnvironment, Object.getOwnPropertyDescriptors(parts));
}

function createAdmitter(options: ClientOptions, environment: Environment): Admitter | undefined {
  if (!environment.WebSocket) return undefined;
  const page = environment.origin === "null" ? undefined : environment.origin;
  const host = options.host ?? page;
  if (host === undefined) {
    throw new HoldfastError(
      "DEFINITION_INVALID",
      EXPLAIN && "The page has no origin, so the client does not know its server. Pass { host }.",
    );
  }
  const address = addressOf(host, page);
  return {
    address,
    session: new Session(environment, address.session),
    token: options.token,
  };
}
