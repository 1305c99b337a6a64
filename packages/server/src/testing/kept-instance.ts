import {
  type ClientMessage,
  decodeValue,
  DEFAULT_LIMITS,
  encodeMessage,
  encodeValue,
  PROTOCOL_VERSION,
  type Value,
} from "@holdfast/protocol";
import { sessionIdentity } from "../host/connection.ts";
import { Instance } from "../host/instance.ts";
import { app } from "../module/builder.ts";
import { instanceName } from "../module/instance-name.ts";
import { placeName } from "../module/place.ts";
import type { StateStore, StoreOptions } from "../module/state-store.ts";
import { Clock } from "./app/clock.ts";
import { Errands } from "./app/errands.ts";
import type { DownItem } from "./app/page-socket.ts";
import { passTime } from "./app/pass-time.ts";
import { TestConnection } from "./app/test-connection.ts";
import { type TestGround, TestHome } from "./app/test-home.ts";
import { FaultyStore } from "./faulty-store.ts";

/** One instance of a module that keeps its state in a store, on a clock that is moved by hand. */
export class KeptInstance {
  readonly key: string;
  readonly store: FaultyStore;
  /** The keys and errors that `onPersistError` was told. */
  readonly told: { readonly key: string; readonly error: unknown }[] = [];
  readonly #clock = new Clock();
  readonly #errands = new Errands();
  readonly #ground: TestGround<Instance>;
  #home: TestHome<Instance>;

  constructor(store: StateStore, key: string, options: StoreOptions = {}) {
    this.key = key;
    this.store = new FaultyStore(store, key, this.#errands);
    const kept = app
      .defineState({ list: [] as number[] })
      .persist(this.store, options)
      .onPersistError((key, error) => void this.told.push({ key, error }))
      .onAction("add", ({ state }, n: number) => void state.list.push(n))
      .onAction("list", ({ state }) => state.list)
      .build();
    this.#ground = {
      begin: (ground) =>
        new Instance({
          ...ground,
          modules: { kept },
          limits: DEFAULT_LIMITS,
          env: {},
          port: () => ({ begin: never, adopt: never }),
        }),
      clock: this.#clock,
      errands: this.#errands,
      hibernates: false,
      isStorageFailing: () => false,
      report: () => {},
    };
    this.#home = this.#settle();
  }

  /** Forgets memory: another process goes on with the same disk. */
  restart(): void {
    this.store.forgetAsker();
    this.#home.kill();
  }

  /** The machine is lost, with its disk. */
  lose(): void {
    this.store.forgetAsker();
    this.#home.close();
    this.#home = this.#settle();
  }

  /** Adds to the list. Resolves when it is acknowledged. */
  async add(n: number): Promise<void> {
    await this.#call("add", n);
  }

  async list(): Promise<Value> {
    return this.#call("list");
  }

  destroy(): Promise<void> {
    return this.#home.ask((instance) => instance.destroy());
  }

  /** A page that is there, until it is told to go. */
  async join(): Promise<KeptPage> {
    const page = new KeptPage(this.#errands);
    const { connection } = page;
    const where = await this.#home.ask((instance) => instance.locate(connection.meta));
    if (where instanceof Error) throw where;
    this.#home.accept(connection);
    connection.take({ type: "frame", text: encodeMessage(HELLO) });
    return page;
  }

  /** Moves the clock, and lets what is due happen on the way. */
  pass(milliseconds: number): Promise<void> {
    return passTime(this.#clock, this.#errands, milliseconds);
  }

  /** Resolves when the store is at rest, but for saves that a fault holds up. */
  settled(): Promise<void> {
    return this.#errands.rest();
  }

  /** For a fault: so long by the clock of the instance. */
  wait(milliseconds: number): Promise<void> {
    return new Promise((resolve) => this.#clock.set(this.#clock.now + milliseconds, resolve));
  }

  /** For a fault: the clock does not go on before that has ended. */
  async follow(work: unknown): Promise<void> {
    await this.#errands.follow(Promise.resolve(work));
  }

  async #call(action: string, payload?: number): Promise<Value> {
    const text = payload === undefined ? undefined : encodeValue(payload);
    const answer = await this.#home.ask((instance) =>
      instance.call({ action, payload: text, chain: [] }),
    );
    if (answer.type === "reject") throw new Error(`"${action}" was refused: ${answer.error.code}`);
    return answer.result === undefined ? undefined : decodeValue(answer.result);
  }

  #settle(): TestHome<Instance> {
    const name = instanceName("kept", placeName({ type: "key", key: this.key }));
    return new TestHome(name, this.#ground);
  }
}

/** A page that says what it is told to, and hears. */
class KeptPage {
  readonly connection: TestConnection;
  readonly #frames: string[] = [];
  #sent = 0;

  constructor(errands: Errands) {
    this.connection = new TestConnection(this, sessionIdentity("somebody"), errands);
  }

  deliver(item: DownItem): void {
    if (item.type === "frame") this.#frames.push(item.text);
  }

  add(n: number): void {
    const action = { type: "action", client: CLIENT, seq: ++this.#sent, settled: 0 } as const;
    const text = encodeMessage({ ...action, name: "add", payload: n });
    this.connection.take({ type: "frame", text });
  }

  leave(): void {
    this.connection.cut();
  }

  /** How many actions were acknowledged. */
  get acks(): number {
    return this.#frames.join("").split('"type":"ack"').length - 1;
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
