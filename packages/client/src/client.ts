import {
  type AppContract,
  CLIENT_LIMITS,
  EXPLAIN,
  HoldfastError,
  type ModuleContract,
  type Primitive,
  type Value,
} from "@holdfast/protocol";
import { createActions } from "./action-caller.ts";
import type { ClientOptions } from "./client-options.ts";
import { type ClientSnapshot, summaryOf } from "./client-snapshot.ts";
import type {
  ActionsOf,
  ConnectionName,
  ConnectionOf,
  KeyArguments,
  ModuleName,
  ModuleOf,
  ReducersOf,
} from "./contract.ts";
import { discarded } from "./discarded.ts";
import { type Environment, environmentWith } from "./environment.ts";
import { type InitialSnapshot, readInitialSnapshot } from "./initial-snapshot.ts";
import { Instance, type InstanceParts } from "./instance.ts";
import type { Cabinet } from "./keeper.ts";
import { Listeners } from "./listeners.ts";
import type { ConnectionHandle, ModuleHandle, ModuleSnapshot } from "./module-handle.ts";
import { OBSERVED, type Observed } from "./observed.ts";
import { missingPart, type Part } from "./part.ts";
import type { Rejection } from "./store/action-promise.ts";
import type { Confirmed } from "./store/read-frame.ts";
import type { Reducer } from "./store/prediction.ts";
import type { Recipe } from "./store/step.ts";
import type { Admitter } from "./transport/admission.ts";
import { createAdmitter } from "./transport/create-admitter.ts";
import type { Streams } from "./streams.ts";

/** Browsers open sockets to one host one after another. */
const MANY_INSTANCES = 30;

/** Options of `persistedModule`. */
export interface PersistedOptions {
  /**
   * The `version` of `defineState` that this code was written for: a state that was kept under
   * another one is not shown. Default: any is.
   */
  readonly version?: number | undefined;
}

/** The key of a persisted handle, as that of any other, and its options. */
export type PersistedArguments<Module extends ModuleContract> = Module["keys"] extends "named"
  ? [key: string, options?: PersistedOptions]
  : [key?: undefined, options?: PersistedOptions];

export interface Client<App extends AppContract> {
  /** The handle of one instance; opens nothing. */
  module<Name extends ModuleName<App>>(
    name: Name,
    ...key: KeyArguments<ModuleOf<App, Name>>
  ): ModuleHandle<ModuleOf<App, Name>>;
  /**
   * The same, kept in this browser: its state is shown at once when the page comes back, offline as
   * well, and what is unacknowledged when a page dies is sent by the next one. Handles of
   * `module` and `persistedModule` are of one and the same instance.
   *
   * @throws HoldfastError `DEFINITION_INVALID` without the option `persistence`
   */
  persistedModule<Name extends ModuleName<App>>(
    name: Name,
    ...parameters: PersistedArguments<ModuleOf<App, Name>>
  ): ModuleHandle<ModuleOf<App, Name>>;
  /**
   * The handle of a connection; opens nothing.
   *
   * @param key what `extractMeta` on the server finds as `?key=` in the request; a connection for each
   * @param persisted kept in this browser, as a `persistedModule` is
   * @throws HoldfastError `DEFINITION_INVALID` for `persisted` without the option `persistence`
   */
  connection<Name extends ConnectionName<App>>(
    name: Name,
    key?: string,
    persisted?: PersistedOptions,
  ): ConnectionHandle<ConnectionOf<App, Name>>;
  /** The same object until something changes. */
  getSnapshot(): ClientSnapshot;
  /** @returns a function that ends the subscription */
  subscribe(listener: () => void): () => void;
  /**
   * Forgets all that is kept in this browser of the server, for instance when a user logs out. Actions
   * that are unacknowledged are given up: those of this page reject with `DISCARDED` or
   * `OUTCOME_UNKNOWN`, those that a page has left behind go to `onRejected`.
   */
  clear(): Promise<void>;
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

interface Initial {
  readonly text: InitialSnapshot;
  readonly confirmed: Confirmed;
  readonly snapshot: ModuleSnapshot<Value>;
}

class PageClient<App extends AppContract> implements Client<App> {
  readonly #options: ClientOptions;
  readonly #environment: Environment;
  readonly #admitter: Admitter | undefined;
  readonly #cabinet: Cabinet | undefined;
  /** What components say beforehand of actions, by instance: of use for those left behind, too. */
  readonly #reducers = new Map<string, () => object | undefined>();
  /** What the page came with, for instances that are not open yet. */
  readonly #initial = new Map<string, Initial>();
  readonly #instances = new Map<string, Instance>();
  readonly #observed: Observed;
  readonly #listeners: Listeners;
  #snapshot: ClientSnapshot = summaryOf([]);
  #notOpen: ModuleSnapshot<never> = NOT_OPEN;
  #closed: HoldfastError | undefined;
  #hasWarned = false;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#environment = environmentWith(options.environment);
    this.#admitter = createAdmitter(options, this.#environment);
    this.#cabinet = options.persistence?.(this.#environment);
    this.#listeners = new Listeners(this.#environment);
    this.#observed = {
      environment: this.#environment,
      admitter: this.#admitter,
      instances: this.#instances,
    };
    // On a server, and where the world is replaced, there is no page to look from, and many a client.
    if (this.#admitter && !options.environment) OBSERVED.add(this.#observed);
  }

  module<Name extends ModuleName<App>>(
    name: Name,
    ...[key]: KeyArguments<ModuleOf<App, Name>>
  ): ModuleHandle<ModuleOf<App, Name>> {
    return this.#createHandle(name, key);
  }

  connection<Name extends ConnectionName<App>>(
    name: Name,
    key?: string,
    persisted?: PersistedOptions,
  ): ConnectionHandle<ConnectionOf<App, Name>> {
    // The server's name for it: no module is called like that.
    // True as far as the server keeps the contract: an event is an action.
    return this.#createHandle(`connection:${name}` as ModuleName<App>, key, persisted) as never;
  }

  persistedModule<Name extends ModuleName<App>>(
    name: Name,
    ...[key, options]: PersistedArguments<ModuleOf<App, Name>>
  ): ModuleHandle<ModuleOf<App, Name>> {
    return this.#createHandle(name, key, options ?? {});
  }

  #createHandle<Name extends ModuleName<App>>(
    name: Name,
    key: string | undefined,
    persisted?: PersistedOptions,
  ): ModuleHandle<ModuleOf<App, Name>> {
    if (persisted && !this.#cabinet) missingPart("persistence");
    const id = JSON.stringify([name, key]);
    const open = (): Instance => {
      const instance = this.#instance(id, name, key);
      if (persisted) {
        instance.persist({
          version: persisted.version,
          reducer: (action) => reducerOf(this.#reducers.get(id), action),
        });
      }
      return instance;
    };
    const call = (action: string, payload: unknown, reducer?: Reducer): Promise<unknown> =>
      open().dispatch(action, payload, reducer);
    const dispatch = (action: string, payload?: unknown): Promise<unknown> => call(action, payload);
    const part = (partName: keyof InstanceParts): unknown => {
      // True because a part is asked for nothing but what it has made itself.
      const one = this.#options[partName] as Part<object, unknown> | undefined;
      return (one ?? missingPart(partName)).handle(
        () => this.#instances.get(id)?.parts[partName],
        () => open().parts[partName] ?? {},
        handle,
      );
    };
    // Types are checked where handles are used; in here actions and states have none. What the
    // casts say is true as far as the server keeps the contract.
    type Module = ModuleOf<App, Name>;
    const handle = {
      module: name,
      key,
      getSnapshot: () =>
        this.#instances.get(id)?.getSnapshot() ?? this.#initial.get(id)?.snapshot ?? this.#notOpen,
      hydrate: (text: InitialSnapshot) => {
        const before = this.#initial.get(id);
        if (before?.text === text) return;
        const confirmed = readInitialSnapshot(text);
        const { state } = confirmed;
        const snapshot = { ...NOT_OPEN, restored: true, state } as const;
        this.#initial.set(id, { text, confirmed, snapshot });
        this.#instances.get(id)?.hydrate(confirmed);
      },
      subscribe: (listener: () => void) => open().subscribe(listener),
      on: (event: string, listener: (data: unknown) => void) => open().on(event, listener),
      dispatch,
      /** The word of connections for it. */
      emit: dispatch,
      get history() {
        return part("history");
      },
      get presence() {
        return part("presence");
      },
      actions: createActions(call) as ActionsOf<Module>,
      update: (recipe: Recipe) => open().update(recipe),
      stream: (path: string | readonly Primitive[]) =>
        // True because that is what `streams` makes.
        (part("streams") as ReturnType<Streams["handle"]>)(path),
      optimistic: (reducers: () => ReducersOf<Module> | undefined) => {
        if (persisted) this.#reducers.set(id, reducers);
        return createActions((action, payload) =>
          call(action, payload, reducerOf(reducers, action)),
        ) as ActionsOf<Module>;
      },
    };
    return handle as ModuleHandle<Module>;
  }

  getSnapshot(): ClientSnapshot {
    return this.#snapshot;
  }

  subscribe(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  async clear(): Promise<void> {
    const error = discarded("The client was cleared");
    for (const instance of this.#instances.values()) instance.discard(error);
    const address = this.#admitter?.address.base;
    if (address !== undefined) {
      await this.#cabinet?.clear(address, (rejection) => this.#rejected(rejection));
    }
  }

  close(): void {
    this.#closed ??= new HoldfastError(
      "CLOSED",
      EXPLAIN && "The client was closed. What was unanswered by then may have been done or not.",
    );
    this.#notOpen = { ...NOT_OPEN, status: "closed", error: this.#closed };
    for (const instance of this.#instances.values()) instance.close(this.#closed);
    OBSERVED.delete(this.#observed);
  }

  #instance(id: string, module: string, key: string | undefined): Instance {
    let instance = this.#instances.get(id);
    if (!instance) {
      const created: Instance = new Instance({
        ...this.#options,
        environment: this.#environment,
        limits: { ...CLIENT_LIMITS, ...this.#options.limits },
        module,
        key,
        admitter: this.#admitter,
        cabinet: this.#cabinet,
        initial: this.#initial.get(id)?.confirmed,
        onRejected: (rejection) => this.#rejected(rejection),
        onFrame: (text, isSent) => this.#observed.onFrame?.(created, text, isSent),
        onChange: () => this.#changed(),
        onIdle: () => {
          // There may be another by now, where somebody has left this one twice.
          if (this.#instances.get(id) === created) this.#instances.delete(id);
          this.#changed();
        },
      });
      instance = created;
      this.#instances.set(id, instance);
      if (this.#closed) instance.close(this.#closed);
      this.#warnOfMany();
      this.#changed();
    }
    return instance;
  }

  #changed(): void {
    const next = summaryOf([...this.#instances.values()].map((one) => one.getSnapshot()));
    if (this.#options.warnBeforeUnload !== false) this.#cabinet?.guard(next.pending > 0);
    const { status, pending } = this.#snapshot;
    if (next.status === status && next.pending === pending) return;
    this.#snapshot = next;
    this.#listeners.notify();
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
    // For who develops the page.
    if (EXPLAIN && !this.#hasWarned && this.#instances.size > MANY_INSTANCES) {
      this.#hasWarned = true;
      this.#environment.report(
        `Holdfast: this page has ${this.#instances.size} instances open. Each has a socket of its own, and browsers open those one after another. Put what is shown together into one.`,
      );
    }
  }
}

function reducerOf(
  reducers: (() => object | undefined) | undefined,
  action: string,
): Reducer | undefined {
  // True because whoever hands reducers in has checked them against the contract.
  return (reducers?.() as Record<string, Reducer> | undefined)?.[action];
}
