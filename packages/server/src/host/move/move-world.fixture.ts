import {
  type ClientMessage,
  DEFAULT_LIMITS,
  encodeMessage,
  joinFrame,
  type ServerMessage,
} from "@holdfast/protocol";
import type { ModuleDefinition } from "../../module/definition.ts";
import { placeName } from "../../module/place.ts";
import { openNodeSqlite } from "../../node/node-sqlite-port.ts";
import type { SqlPort } from "../../storage/sql-port.ts";
import { watchedSql } from "../../testing/app/watched-sql.ts";
import { newMeta, sessionIdentity } from "../connection.ts";
import { Host } from "../host.ts";
import { settled, TestConnection } from "../host.fixture.ts";
import type { MovePort } from "./move.ts";

/** Thrown into an incarnation that is killed, and into everything that it does later. */
const KILLED = new Error("killed");

/** One life of an instance: once it is over, nothing of it has any effect. */
class Incarnation {
  isAlive = true;
  host: Host | undefined;
  readonly connections = new Set<TestConnection>();
}

/** One instance: its database outlives its lives, and so does its alarm. */
class Instance {
  readonly sql = openNodeSqlite(":memory:");
  alarm: number | undefined;
  life: Incarnation | undefined;
  /** Those that outlive a life. */
  sockets: TestConnection[] = [];
}

/**
 * Several instances of one module on `node:sqlite`, which call each other and may be killed at any
 * step: before and after every write, and on both sides of every call.
 */
export class MoveWorld {
  now = 1_800_000_000_000;
  readonly reports: string[] = [];
  readonly aborts: string[] = [];
  /** Every step so far, `<instance> <what>`. */
  readonly steps: string[] = [];
  /** Kills who is at the step with this number. */
  killAt = Number.POSITIVE_INFINITY;
  /** A killed object's sockets come back with it, as from an eviction, or are gone. */
  keepsSockets = false;
  /** Answers between instances arrive when it resolves; rejected: they are lost. */
  answers: Promise<void> | undefined;
  readonly #module: ModuleDefinition;
  readonly #instances = new Map<string, Instance>();
  readonly #timers = new Set<{ at: number; callback: () => void }>();
  #tokens = 0;

  constructor(module: ModuleDefinition) {
    this.#module = module;
  }

  /** The databases, by instance. */
  get databases(): ReadonlyMap<string, SqlPort> {
    return new Map([...this.#instances].map(([name, { sql }]) => [name, sql]));
  }

  /** The database of an instance that may never have been in memory. */
  database(name: string): SqlPort {
    return this.#instance(name).sql;
  }

  host(name: string): Host {
    const instance = this.#instance(name);
    if (instance.life?.host && instance.life.isAlive) return instance.life.host;
    const life = new Incarnation();
    instance.life = life;
    const host = new Host({
      module: this.#module,
      name: "test",
      key: name,
      sql: watchedSql(instance.sql, {
        onUse: () => {
          if (!life.isAlive) throw KILLED;
        },
        beforeWrite: (what) => this.#step(name, life, `before ${what}`),
        afterWrite: (what) => this.#step(name, life, `after ${what}`),
      }),
      limits: DEFAULT_LIMITS,
      env: {},
      platform: {
        now: () => this.now,
        token: (length) => String(++this.#tokens).padStart(length, "0"),
        abort: (reason) => {
          if (!life.isAlive) return;
          this.aborts.push(reason);
          this.kill(name);
        },
        setAlarm: (at) => {
          if (life.isAlive) instance.alarm = at;
        },
        report: (error) => {
          if (life.isAlive) this.reports.push(String(error));
        },
        warn: () => {},
        after: (ms, callback) => this.#after(ms, () => life.isAlive && callback()),
      },
      port: this.#port(name, life),
    });
    life.host = host;
    for (const socket of instance.sockets.splice(0)) {
      host.connect(socket);
      life.connections.add(socket);
    }
    return host;
  }

  /** Ends the life of an instance at once. */
  kill(name: string): void {
    const { life } = this.#instance(name);
    if (!life) return;
    life.isAlive = false;
    if (!this.keepsSockets) {
      for (const connection of life.connections) connection.close(1006, "killed");
      return;
    }
    // They are there again with the next life, which does not begin inside this one's last call.
    this.#instance(name).sockets = [...life.connections].filter(({ closed }) => !closed);
  }

  /** As the Worker: asks the session's own instance, and goes where that says. */
  async connect(session: string): Promise<TestConnection | undefined> {
    const home = placeName({ type: "session", session });
    for (let attempt = 0; attempt < 5; attempt++) {
      let name = home;
      let at = await this.#locate(name, session, 0);
      if (at?.type === "elsewhere") {
        name = placeName({ type: "key", key: at.key });
        at = await this.#locate(name, session, at.generation);
      }
      if (at?.type !== "here") continue;
      const connection = new TestConnection(session);
      connection.meta = newMeta({ ...sessionIdentity(session), generation: at.generation });
      this.host(name).connect(connection);
      this.#instance(name).life?.connections.add(connection);
      this.#where.set(connection, name);
      return connection;
    }
    return undefined;
  }

  say(connection: TestConnection, ...messages: readonly ClientMessage[]): void {
    const name = this.#where.get(connection);
    if (name === undefined || connection.closed) return;
    try {
      this.host(name).receive(connection, joinFrame(messages.map(encodeMessage)));
    } catch (error) {
      if (error !== KILLED) throw error;
    }
  }

  nameOf(connection: TestConnection): string | undefined {
    return this.#where.get(connection);
  }

  /** Moves the clock in small steps, and lets what is due happen. */
  async advance(ms: number): Promise<void> {
    await settled();
    const end = this.now + ms;
    while (this.now < end) {
      this.now = Math.min(end, this.now + 1_000);
      for (const timer of [...this.#timers].filter(({ at }) => at <= this.now)) {
        if (this.#timers.delete(timer)) timer.callback();
      }
      for (const [name, instance] of this.#instances) {
        if (instance.alarm === undefined || instance.alarm > this.now) continue;
        instance.alarm = undefined;
        await this.host(name)
          .alarms.ring()
          // The platform rings again.
          .catch(() => void (instance.alarm = this.now + 2_000));
      }
      await settled();
    }
  }

  readonly #where = new Map<TestConnection, string>();

  #locate(name: string, session: string, generation: number) {
    const moves = this.host(name).moves;
    return moves
      ?.locate({ ...sessionIdentity(session), generation })
      .catch(() => ({ type: "again" as const }));
  }

  #instance(name: string): Instance {
    let instance = this.#instances.get(name);
    if (!instance) this.#instances.set(name, (instance = new Instance()));
    return instance;
  }

  #port(caller: string, life: Incarnation): MovePort {
    const call = async <T>(
      callee: string,
      what: string,
      ask: (host: Host) => Promise<T> | undefined,
    ): Promise<T> => {
      // What is passed is a copy, as between objects.
      this.#step(caller, life, `calls ${what}`);
      await settled();
      const target = this.host(callee);
      const answer = await ask(target);
      await this.answers;
      await settled();
      this.#step(caller, life, `hears of ${what}`);
      return structuredClone(answer) as T;
    };
    return {
      begin: (move) =>
        call(placeName({ type: "session", session: move.session }), "begin", (host) =>
          host.moves?.begin(structuredClone(move)),
        ),
      adopt: (adoption) =>
        call(placeName({ type: "key", key: adoption.to ?? "" }), "adopt", (host) =>
          host.moves?.adopt(structuredClone(adoption)),
        ),
    };
  }

  #step(name: string, life: Incarnation, what: string): void {
    if (!life.isAlive) throw KILLED;
    this.steps.push(`${name} ${what}`);
    if (this.steps.length - 1 !== this.killAt) return;
    this.kill(name);
    throw KILLED;
  }

  #after(ms: number, callback: () => void): () => void {
    const timer = { at: this.now + ms, callback };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }
}

/** The state in a snapshot. */
export function stateIn(messages: readonly ServerMessage[]): unknown {
  const snapshot = messages.findLast(({ type }) => type === "snapshot");
  return snapshot?.type === "snapshot" ? snapshot.state : undefined;
}
