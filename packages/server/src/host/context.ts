import { derivedId, randomToken } from "@holdfast/protocol";
import { type EngineContext, type InstanceMemory } from "../module/instance-memory.ts";
import type { ConnectionEngine } from "../module/connection-engine.ts";
import type { ConnectionIdentity } from "./connection.ts";
import type { Sql } from "../module/sql.ts";
import type { StreamSource } from "../module/stream.ts";
import type { TableStorage } from "./direct-storage.ts";
import type { Effects } from "./effects.ts";
import type { Schedule } from "./schedule.ts";
import type { Sequence } from "./sequences.ts";

/** What a context is made of. */
export interface ContextParts {
  readonly state: object;
  readonly caller: ConnectionIdentity;
  readonly env: unknown;
  readonly instance: InstanceMemory;
  readonly sequence: Sequence | undefined;
  /** See `Call`. */
  readonly id: string | undefined;
  readonly effects: Effects;
  readonly schedule: Schedule;
  readonly presence: () => EngineContext["presence"];
  readonly streams: StreamSource;
  readonly now: number;
  readonly commit: () => Promise<void>;
  /** Asked when an action first uses its database: most never do. */
  readonly sql: () => Sql;
  readonly storage: () => TableStorage;
  /** Where the module is a connection's. */
  readonly connectionEngine: (() => ConnectionEngine) | undefined;
}

/** 132 random bits. */
const ID_CHARACTERS = 22;

/**
 * What the handler of one action is given. A class, because an object that is written with a getter
 * in it is made anew each time, at many times the cost.
 */
export class Context implements EngineContext {
  readonly memory: InstanceMemory;
  readonly state: object;
  readonly session: EngineContext["session"];
  readonly user: EngineContext["user"];
  readonly env: unknown;
  readonly now: number;
  readonly commit: () => Promise<void>;
  readonly randomId: () => string;
  readonly #client: string;
  readonly #seq: number;
  readonly #effects: Effects;
  readonly #schedule: Schedule;
  readonly #presence: () => EngineContext["presence"];
  readonly #streams: StreamSource;
  readonly #openSql: () => Sql;
  #sql: Sql | undefined;
  readonly #openStorage: () => TableStorage;
  #storage: TableStorage | undefined;
  readonly #openEngine: ContextParts["connectionEngine"];
  #engine: ConnectionEngine | undefined;
  #ids = 0;

  constructor(parts: ContextParts) {
    const { sequence, caller } = parts;
    this.memory = parts.instance;
    this.state = parts.state;
    this.session = { id: caller.session };
    this.user = caller.user;
    this.env = parts.env;
    this.now = parts.now;
    this.commit = parts.commit;
    // Handlers take it out of the context, so it has to know whose it is.
    this.randomId = () => derivedId(this.#client, this.#seq, this.#ids++);
    // What has neither is never made again: its ids are nobody's to foresee.
    this.#client = sequence?.client ?? parts.id ?? randomToken(ID_CHARACTERS);
    this.#seq = sequence?.seq ?? 1;
    this.#effects = parts.effects;
    this.#schedule = parts.schedule;
    this.#presence = parts.presence;
    this.#streams = parts.streams;
    this.#openSql = parts.sql;
    this.#openStorage = parts.storage;
    this.#openEngine = parts.connectionEngine;
  }

  get actionId(): string {
    return `${this.#client}:${this.#seq}`;
  }

  // Getters: most actions need none of them, and each would be a closure of its own.
  get emit(): EngineContext["emit"] {
    return (event: string, data?: unknown) => this.#effects.emit(event, data);
  }

  get presence(): EngineContext["presence"] {
    return this.#presence();
  }

  get schedule(): EngineContext["schedule"] {
    return (when, action, payload) => this.#schedule.add(this.#effects, when, action, payload);
  }

  get unschedule(): EngineContext["unschedule"] {
    return (id) => this.#schedule.remove(this.#effects, id);
  }

  get connectionEngine(): ConnectionEngine {
    if (!this.#openEngine) throw new Error("The module is not a connection's.");
    return (this.#engine ??= this.#openEngine());
  }

  get stream(): EngineContext["stream"] {
    return (path) => this.#streams.openStream(path, this.state);
  }

  get sql(): Sql {
    return (this.#sql ??= this.#openSql());
  }

  get storage(): TableStorage {
    return (this.#storage ??= this.#openStorage());
  }

  /** A transaction of the storage that is open: nothing may be committed before it is over. */
  get transactionUnderWay(): Promise<unknown> | undefined {
    return this.#storage?.underWay;
  }
}
