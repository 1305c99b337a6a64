import { derivedId, randomToken } from "@holdfast/protocol";
import type { EngineContext, InstanceMemory } from "../module/instance-memory.ts";
import type { ConnectionEngine } from "../module/connection-engine.ts";
import type { Sql } from "../module/sql.ts";
import type { StreamSource } from "../module/stream.ts";
import type { SqlPort } from "../storage/sql-port.ts";
import { actionTime } from "./action-time.ts";
import type { ActionCall } from "./call.ts";
import { TableStorage } from "./direct-storage.ts";
import type { Effects } from "./effects.ts";
import type { RunnerParts } from "./runner-parts.ts";
import { createSql } from "./sql.ts";

/** One run of an action's handler, as far as it differs with the kind of the action. */
export interface HandlerRun {
  readonly async: boolean;
  readonly state: object;
  readonly effects: Effects;
  readonly streams: StreamSource;
  /** The database, for a handler that may use it. */
  readonly database: () => SqlPort;
  /** It has written to the database. */
  readonly onWrite: () => void;
  readonly commit: () => Promise<void>;
}

/** 132 random bits. */
const ID_CHARACTERS = 22;

/**
 * What the handler of one action is given. A class, because an object that is written with a getter
 * in it is made anew each time, at many times the cost. Getters are for what most actions do not ask
 * for; handlers take functions out of their context, so each knows whose it is.
 */
export class Context implements EngineContext {
  readonly memory: InstanceMemory;
  readonly state: object;
  readonly session: EngineContext["session"];
  readonly user: EngineContext["user"];
  readonly env: unknown;
  readonly #parts: RunnerParts;
  readonly #call: ActionCall;
  readonly #run: HandlerRun;
  #now: number | undefined;
  #id: string | undefined;
  #ids = 0;
  #sql: Sql | undefined;
  #storage: TableStorage | undefined;
  #engine: ConnectionEngine | undefined;

  constructor(parts: RunnerParts, call: ActionCall, run: HandlerRun) {
    const { caller, env = parts.env } = call;
    this.memory = parts.instance;
    this.state = run.state;
    this.session = { id: caller.session };
    this.user = caller.user;
    this.env = env;
    this.#parts = parts;
    this.#call = call;
    this.#run = run;
    // One that goes on for long is told when it began; for any other it is the same whenever it asks.
    if (run.async) this.#now = this.now;
  }

  get now(): number {
    const { platform, limits } = this.#parts;
    return (this.#now ??= actionTime(this.#call.action.now, platform.now(), limits));
  }

  get actionId(): string {
    return `${this.#client}:${this.#seq}`;
  }

  get randomId(): () => string {
    return () => derivedId(this.#client, this.#seq, this.#ids++);
  }

  get commit(): () => Promise<void> {
    return this.#run.commit;
  }

  get emit(): EngineContext["emit"] {
    return (event: string, data?: unknown) => this.#run.effects.emit(event, data);
  }

  get presence(): EngineContext["presence"] {
    return this.#parts.presence();
  }

  get schedule(): EngineContext["schedule"] {
    const { schedule } = this.#parts;
    return (when, action, payload) => schedule.add(this.#run.effects, when, action, payload);
  }

  get unschedule(): EngineContext["unschedule"] {
    return (id) => this.#parts.schedule.remove(this.#run.effects, id);
  }

  get connectionEngine(): ConnectionEngine {
    const { side } = this.#parts;
    if (!side) throw new Error("The module is not a connection's.");
    const { action, connection, page } = this.#call;
    const { effects } = this.#run;
    return (this.#engine ??= side.engine({ name: action.name, connection, page, effects }));
  }

  get stream(): EngineContext["stream"] {
    return (path) => this.#run.streams.openStream(path, this.state);
  }

  get sql(): Sql {
    const { database, onWrite } = this.#run;
    return (this.#sql ??= createSql(database(), onWrite));
  }

  get storage(): TableStorage {
    return (this.#storage ??= this.#openStorage());
  }

  /** A transaction of the storage that is open: nothing may be committed before it is over. */
  get transactionUnderWay(): Promise<unknown> | undefined {
    return this.#storage?.underWay;
  }

  /** What its ids are derived from, so that they are the same in a prediction, and when it is run again. */
  get #client(): string {
    const { sequence, id } = this.#call;
    // What has neither is never made again: its ids are nobody's to foresee.
    return (this.#id ??= sequence?.client ?? id ?? randomToken(ID_CHARACTERS));
  }

  get #seq(): number {
    return this.#call.sequence?.seq ?? 1;
  }

  #openStorage(): TableStorage {
    const { database, onWrite, async } = this.#run;
    const { limits } = this.#parts;
    const { name } = this.#call.action;
    return new TableStorage({ sql: database(), limits, action: { name, async }, onWrite });
  }
}
