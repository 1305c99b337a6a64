import {
  type ClientMessage,
  decodeValue,
  DEFAULT_LIMITS,
  encodeMessage,
  encodeValue,
  PROTOCOL_VERSION,
  type Value,
} from "@holdfast/protocol";
import {
  type Connection,
  type ConnectionMeta,
  newMeta,
  sessionIdentity,
} from "../host/connection.ts";
import { Instance } from "../host/instance.ts";
import { app } from "../module/builder.ts";
import { instanceName } from "../module/instance-name.ts";
import { placeName } from "../module/place.ts";
import type { StateStore, StoreOptions } from "../module/state-store.ts";
import { openNodeSqlite } from "../node/node-sqlite-port.ts";
import type { SqlPort } from "../storage/sql-port.ts";

/** What happens at a save, in the place of what the store does by itself. */
export type SaveFault = (save: () => Promise<void>) => Promise<void>;

const STEP_MS = 50;

/** One instance of a module that keeps its state in a store, on a clock that is moved by hand. */
export class KeptInstance {
  /** The keys and errors that `onPersistError` was told. */
  readonly told: { readonly key: string; readonly error: unknown }[] = [];
  /** What the next saves meet, in order; then none. */
  readonly faults: SaveFault[] = [];
  /** Every load fails. */
  isDown = false;
  /** Saves at once, at most, and how many there were. */
  mostAtOnce = 0;
  saves = 0;
  now = 1_800_000_000_000;
  readonly key: string;
  readonly #store: StateStore;
  readonly #options: StoreOptions;
  readonly #timers = new Set<{ readonly at: number; readonly callback: () => void }>();
  readonly #pages = new Set<TestPage>();
  #alarm: number | undefined;
  #saving = 0;
  #sql: SqlPort;
  #instance: Instance;
  #life = 0;

  constructor(store: StateStore, key: string, options: StoreOptions = {}) {
    this.#store = store;
    this.key = key;
    this.#options = options;
    this.#sql = openNodeSqlite(":memory:");
    this.#instance = this.#begin();
  }

  /** Forgets memory: another process goes on with the same disk. */
  restart(): void {
    this.#timers.clear();
    this.#instance = this.#begin();
  }

  /** The machine is lost, with its disk. */
  lose(): void {
    this.#sql = openNodeSqlite(":memory:");
    this.#alarm = undefined;
    this.restart();
  }

  /** Adds to the list. Resolves when it is acknowledged. */
  async add(n: number): Promise<void> {
    await this.#call("add", n);
  }

  async list(): Promise<Value> {
    return this.#call("list");
  }

  destroy(): Promise<void> {
    return this.#instance.destroy();
  }

  /** A page that is there, until it is told to go. */
  async join(): Promise<TestPage> {
    const page = new TestPage();
    const where = await this.#instance.locate(page.meta);
    if (where instanceof Error) throw where;
    this.#pages.add(page);
    this.#instance.connect(page);
    this.#instance.receive(page, encodeMessage(HELLO));
    return page;
  }

  say(page: TestPage, n: number): void {
    const action = { type: "action", client: CLIENT, seq: ++page.sent, settled: 0 } as const;
    this.#instance.receive(page, encodeMessage({ ...action, name: "add", payload: n }));
  }

  leave(page: TestPage): void {
    this.#pages.delete(page);
    this.#instance.disconnect(page);
  }

  /** Moves the clock, and lets what is due happen on the way. */
  async pass(ms: number): Promise<void> {
    const end = this.now + ms;
    while (this.now < end) {
      this.now = Math.min(end, this.now + STEP_MS);
      for (const timer of [...this.#timers].filter(({ at }) => at <= this.now)) {
        if (this.#timers.delete(timer)) timer.callback();
      }
      if (this.#alarm !== undefined && this.#alarm <= this.now) {
        this.#alarm = undefined;
        await this.#instance.ring();
      }
      await this.settled();
    }
  }

  /** Resolves when the store is at rest, but for saves that a fault holds up. */
  async settled(): Promise<void> {
    do await new Promise((resolve) => setImmediate(resolve));
    while (this.#saving > 0);
  }

  /** For a fault: so long by the clock of the instance. */
  wait(ms: number): Promise<void> {
    return new Promise((callback) => this.#timers.add({ at: this.now + ms, callback }));
  }

  async #call(action: string, payload?: number): Promise<Value> {
    const text = payload === undefined ? undefined : encodeValue(payload);
    const answer = await this.#instance.call({ action, payload: text, chain: [] });
    if (answer.type === "reject") throw new Error(`"${action}" was refused: ${answer.error.code}`);
    return answer.result === undefined ? undefined : decodeValue(answer.result);
  }

  #begin(): Instance {
    const life = ++this.#life;
    const ended = (): boolean => life !== this.#life;
    const kept = app
      .defineState({ list: [] as number[] })
      .persist(this.#faulty(ended), this.#options)
      .onPersistError((key, error) => void this.told.push({ key, error }))
      .onAction("add", ({ state }, n: number) => void state.list.push(n))
      .onAction("list", ({ state }) => state.list)
      .build();
    return new Instance({
      modules: { kept },
      name: instanceName("kept", placeName({ type: "key", key: this.key })),
      sql: this.#sql,
      limits: DEFAULT_LIMITS,
      env: {},
      port: () => ({ begin: never, adopt: never }),
      connections: () => this.#pages,
      platform: {
        now: () => this.now,
        token: (length) => String(life).padStart(length, "0"),
        after: (ms, callback) => {
          const timer = { at: this.now + ms, callback };
          if (!ended()) this.#timers.add(timer);
          return () => void this.#timers.delete(timer);
        },
        setAlarm: (at) => void (this.#alarm = at),
        abort: () => {},
        report: () => {},
        warn: () => {},
      },
    });
  }

  /** The store, with what is to go wrong. A process that has ended saves nothing. */
  #faulty(ended: () => boolean): StateStore {
    const store = this.#store;
    const save = async (key: string, state: object): Promise<void> => {
      if (ended()) return;
      this.#saving++;
      try {
        await store.save(key, state);
      } finally {
        this.#saving--;
      }
    };
    let atOnce = 0;
    return {
      resolveKey: () => this.key,
      load: async (key) => {
        if (this.isDown) throw new Error("The store is down.");
        return await store.load(key);
      },
      save: async (key, state) => {
        this.mostAtOnce = Math.max(this.mostAtOnce, ++atOnce);
        this.saves++;
        try {
          const fault = this.faults.shift();
          await (fault ? fault(() => save(key, state)) : save(key, state));
        } finally {
          atOnce--;
        }
      },
      delete: async (key) => store.delete(key),
    };
  }
}

/** What one page was sent. */
export class TestPage implements Connection {
  meta: ConnectionMeta = newMeta(sessionIdentity("somebody"));
  readonly frames: string[] = [];
  sent = 0;

  remember(meta: ConnectionMeta): void {
    this.meta = meta;
  }

  send(frame: string): void {
    this.frames.push(frame);
  }

  close(): void {}

  /** How many actions were acknowledged. */
  get acks(): number {
    return this.frames.join("").split('"type":"ack"').length - 1;
  }
}

const CLIENT = "page-of-the-suite";
const HELLO: ClientMessage = {
  type: "hello",
  protocol: PROTOCOL_VERSION,
  clients: [{ id: CLIENT, settled: 0 }],
};

function never(): Promise<never> {
  throw new Error("Nobody moves here.");
}
