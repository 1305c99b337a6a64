import {
  type ClientLimits,
  EXPLAIN,
  exceedsBytes,
  HoldfastError,
  type ServerMessage,
} from "@holdfast/protocol";
import { discarded } from "./discarded.ts";
import type { Environment } from "./environment.ts";
import { Listeners } from "./listeners.ts";
import type { Cabinet, Keeper, PersistOptions } from "./keeper.ts";
import type { History } from "./history/history.ts";
import type { ModuleSnapshot } from "./module-handle.ts";
import type { InstancePart, PartSite } from "./part.ts";
import type { Presence } from "./presence.ts";
import type { Rejection } from "./store/action-promise.ts";
import { ModuleStore, type ModuleStoreOptions } from "./store/module-store.ts";
import type { Optimism } from "./store/machinery.ts";
import type { Reducer } from "./store/prediction.ts";
import type { Confirmed } from "./store/read-frame.ts";
import type { Recipe } from "./store/step.ts";
import type { Streams } from "./streams.ts";
import { Timeout } from "./timeout.ts";
import { admit, type Admitter } from "./transport/admission.ts";
import { Connection } from "./transport/connection.ts";
import type { Admission } from "./transport/partysocket.ts";

/** Components come and go while a page changes: the connection outlives the change. */
const CLOSE_DELAY_MS = 1_000;

/** The parts that a client is handed, by the names of its options. */
export interface Parts {
  readonly presence?: Presence | undefined;
  readonly history?: History | undefined;
  readonly streams?: Streams | undefined;
}

/** What they are at one instance. */
export type InstanceParts = {
  readonly [Name in keyof Parts]?: ReturnType<NonNullable<Parts[Name]>["create"]>;
};

export interface InstanceOptions extends Parts {
  readonly environment: Environment;
  readonly limits: ClientLimits;
  readonly module: string;
  readonly key: string | undefined;
  readonly optimism?: Optimism | undefined;
  /** `undefined` on a server: nothing connects. */
  readonly admitter: Admitter | undefined;
  /** What the page came with. */
  readonly initial: Confirmed | undefined;
  /** `undefined`: nothing is kept in this browser. */
  readonly cabinet: Cabinet | undefined;
  readonly onRejected: (rejection: Rejection) => void;
  /** A frame has come, or is sent. */
  readonly onFrame: (text: string, isSent: boolean) => void;
  /** The snapshot changed. */
  readonly onChange: () => void;
  /** Nobody needs the instance any more, and it has closed. */
  readonly onIdle: () => void;
}

/** One instance on this page: its store and its connection, for as long as somebody needs them. */
export class Instance {
  readonly #options: InstanceOptions;
  readonly #storeOptions: ModuleStoreOptions;
  readonly store: ModuleStore;
  readonly #connection: Connection;
  readonly #listeners: Listeners;
  /** By the names of events. */
  readonly #events = new Map<string, Listeners<unknown>>();
  readonly parts: InstanceParts;
  #snapshot: ModuleSnapshot<unknown>;
  readonly #closing: Timeout;
  #isEnded = false;
  #principal: string | undefined;
  #keeper: Keeper | undefined;

  constructor(options: InstanceOptions) {
    this.#options = options;
    const { environment, limits, key, admitter, onFrame } = options;
    this.#listeners = new Listeners(environment);
    this.#closing = new Timeout(environment);
    const storeOptions: ModuleStoreOptions = {
      ...options,
      send: (frame) => this.#connection.send(frame),
      greet: () => this.#connection.greet(),
      onStalled: () => this.#connection.restart(),
      onRebind: () => {
        this.#forget();
        this.#connection.moveOn();
      },
    };
    this.#storeOptions = storeOptions;
    this.store = new ModuleStore(storeOptions);
    this.#connection = new Connection({
      environment,
      limits,
      // Asked only once it was opened, which nobody does without an admitter.
      admit: () => (admitter ? this.#admit(admitter) : Promise.reject(noConnection())),
      renew: (isInvalid) => admitter?.session.renew(isInvalid),
      // Plain JSON: it holds no value that the codec would have to tag.
      hello: (resync) => JSON.stringify(this.store.hello(resync)),
      receive: (messages) => {
        const isUsable = this.store.receive(messages);
        if (this.store.isGreeted) {
          this.#connection.greeted();
          if (isUsable) this.#tell(messages);
        }
        return isUsable;
      },
      onFrame,
      onDown: () => {
        this.store.disconnected();
        for (const part of this.#parts) part.down?.();
      },
      onChange: () => this.#changed(),
    });
    const site: PartSite = {
      ...storeOptions,
      getState: () => this.store.getSnapshot().state,
      update: (recipe) => this.#hurried(this.store.update(recipe)),
      hold: () => this.subscribe(() => undefined),
    };
    const { presence, history, streams } = options;
    this.parts = {
      ...(presence && { presence: presence.create(site) }),
      ...(history && { history: history.create(site) }),
      ...(streams && { streams: streams.create(site) }),
    };
    if (options.initial) this.store.restore(options.initial);
    this.#snapshot = this.#look();
    this.store.subscribe(() => this.#changed());
    const keyError = checkKey(key, limits);
    if (keyError) this.#connection.fail(keyError);
    else if (!admitter) this.store.end(noConnection());
  }

  getSnapshot(): ModuleSnapshot<unknown> {
    return this.#snapshot;
  }

  subscribe(listener: () => void): () => void {
    const unsubscribe = this.#listeners.add(listener);
    this.#openOrClose();
    return () => {
      unsubscribe();
      this.#openOrClose();
    };
  }

  update(recipe: Recipe): Promise<void> {
    return this.parts.history?.update(recipe) ?? this.#hurried(this.store.update(recipe));
  }

  /** Listening keeps the connection open, as subscribing does. */
  on(event: string, listener: (data: unknown) => void): () => void {
    let listeners = this.#events.get(event);
    if (!listeners) this.#events.set(event, (listeners = new Listeners(this.#options.environment)));
    const ignore = listeners.add(listener);
    const unsubscribe = this.subscribe(() => undefined);
    return () => {
      ignore();
      unsubscribe();
    };
  }

  dispatch(name: string, payload: unknown, reducer: Reducer | undefined): Promise<unknown> {
    return this.#hurried(this.store.dispatch(name, payload, reducer));
  }

  /**
   * Keeps state and actions in this browser from now on, and shows what was kept.
   */
  persist(options: PersistOptions): void {
    const { admitter, cabinet } = this.#options;
    if (this.#keeper || this.#isEnded || !cabinet || !admitter) return;
    const address = admitter.address.base;
    this.#keeper = cabinet.keep({ ...this.#storeOptions, address, store: this.store, options });
    this.#identify(admitter.principal());
  }

  /** Shows what the page came with, unless there is a state already. */
  hydrate(initial: Confirmed): void {
    this.store.restore(initial);
  }

  /** Gives everything up, and asks the server again. */
  discard(error: HoldfastError): void {
    this.store.discard(error);
    this.#forget();
    this.#connection.restart();
  }

  /** What was here was for somebody else. */
  #forget(): void {
    for (const part of this.#parts) part.forget?.();
    if (this.#principal !== undefined) this.#keeper?.open(this.#principal);
  }

  get #parts(): readonly InstancePart[] {
    return Object.values(this.parts);
  }

  /** Somebody waits for the server. */
  #hurried<Outcome>(promise: Outcome): Outcome {
    this.#openOrClose();
    this.#connection.hurry();
    return promise;
  }

  /** Tells the events of a frame, in their order. */
  #tell(messages: readonly ServerMessage[]): void {
    for (const part of this.#parts) part.receive?.(messages);
    for (const message of messages) {
      if (message.type === "event") this.#events.get(message.event)?.notify(message.data);
    }
  }

  /** Gives the link up and makes a new one. */
  restart(): void {
    this.#connection.restart();
  }

  async #admit(admitter: Admitter): Promise<Admission> {
    const { module, key } = this.#options;
    const admission = await admit(admitter, module, key);
    this.#identify(admitter.principal());
    // `hello` says what is here already.
    await this.#keeper?.ready;
    return admission;
  }

  #identify(principal: string | undefined): void {
    if (principal === undefined) return;
    const before = this.#principal;
    this.#principal = principal;
    if (before !== undefined && before !== principal) {
      this.discard(discarded("The user of this browser changed"));
    }
    this.#keeper?.open(principal);
  }

  /** Closes for good: what is unanswered is rejected. */
  close(error: HoldfastError): void {
    this.#closing.clear();
    this.#connection.fail(error);
  }

  #openOrClose(): void {
    const { admitter, onIdle } = this.#options;
    if (this.#listeners.size > 0 || this.#snapshot.pending > 0) {
      this.#closing.clear();
      if (admitter) this.#connection.open();
    } else if (!this.#closing.isSet) {
      this.#closing.set(CLOSE_DELAY_MS, () => {
        this.store.tellNews();
        this.#keeper?.close();
        this.#connection.close();
        onIdle();
      });
    }
  }

  #changed(): void {
    const { status, error } = this.#connection;
    if (!this.#isEnded && error && (status === "denied" || status === "closed")) {
      this.#isEnded = true;
      this.#keeper?.close();
      this.store.end(error);
    }
    const before = this.#snapshot;
    const next = this.#look();
    if (isSame(before, next)) return;
    this.#snapshot = next;
    if (before.pending > 0 && next.pending === 0) this.#openOrClose();
    this.#listeners.notify();
    this.#options.onChange();
  }

  #look(): ModuleSnapshot<unknown> {
    const { status, error } = this.#connection;
    return { ...this.store.getSnapshot(), status, error };
  }
}

function isSame<Fields extends object>(before: Fields, next: Fields): boolean {
  // True because both have the same fields.
  const names = Object.keys(next) as (keyof Fields)[];
  return names.every((name) => before[name] === next[name]);
}

/** What the server would refuse anyway, or what no address can hold. */
function checkKey(key: string | undefined, limits: ClientLimits): HoldfastError | undefined {
  if (key === undefined) return undefined;
  if (key !== "" && !exceedsBytes(key, limits.keyBytes) && isWellFormed(key)) return undefined;
  return new HoldfastError(
    "KEY_INVALID",
    EXPLAIN &&
      `The key is empty, longer than ${limits.keyBytes} bytes, or cut in the middle of a character. While there is none yet, pass \`enabled: false\`.`,
  );
}

function isWellFormed(text: string): boolean {
  try {
    return encodeURIComponent(text) !== "";
  } catch {
    return false;
  }
}

function noConnection(): HoldfastError {
  return new HoldfastError(
    "CLOSED",
    EXPLAIN &&
      "There is no page to connect from: this is a server that renders. Call actions in effects and event handlers, or pass { host, environment: { WebSocket, fetch } } to createClient.",
  );
}
