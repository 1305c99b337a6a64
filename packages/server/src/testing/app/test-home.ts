import { randomToken } from "@holdfast/protocol";
import type { Ground, Resident } from "../../node/home.ts";
import { type NodeSqlite, openNodeSqlite } from "../../node/node-sqlite-port.ts";
import type { SqlPort } from "../../storage/sql-port.ts";
import type { Alarm, Clock } from "./clock.ts";
import type { Errands } from "./errands.ts";
import type { TestConnection } from "./test-connection.ts";

/** What the homes of an app have in common. */
export interface TestGround<Here extends Resident> {
  readonly begin: (ground: Ground) => Here;
  readonly clock: Clock;
  readonly errands: Errands;
  /** Memory goes after every event that leaves nothing under way. */
  readonly hibernates: boolean;
  /** Whether storage takes nothing now. */
  readonly isStorageFailing: () => boolean;
  readonly report: (message: string, cause?: unknown) => void;
}

/** A stay in memory. */
interface Life<Here> {
  readonly resident: Here;
  readonly timers: Set<Alarm>;
}

/** Where one instance, or room, is at home: its database and its sockets, which outlive its memory. */
export class TestHome<Here extends Resident> {
  readonly #name: string;
  readonly #ground: TestGround<Here>;
  readonly #sql: NodeSqlite = openNodeSqlite(":memory:");
  readonly #connections = new Set<TestConnection>();
  #life: Life<Here> | undefined;
  #alarm: Alarm | undefined;

  constructor(name: string, ground: TestGround<Here>) {
    this.#name = name;
    this.#ground = ground;
  }

  /** What stands in its database is durable as soon as it is written. */
  durable(): Promise<void> {
    return Promise.resolve();
  }

  async use<Result>(work: (resident: Here) => Result | Promise<Result>): Promise<Result> {
    const result = await this.#ground.errands.follow(Promise.resolve(work(this.#awake().resident)));
    this.#endEvent();
    return result;
  }

  accept(connection: TestConnection): void {
    this.#connections.add(connection);
    connection.open(this);
    this.#event((resident) => resident.connect(connection));
  }

  receive(connection: TestConnection, frame: string): void {
    this.#event((resident) => resident.receive(connection, frame));
  }

  disconnect(connection: TestConnection): void {
    this.#connections.delete(connection);
    this.#event((resident) => resident.disconnect(connection));
  }

  /** Memory goes, unless something is under way; sockets stay. */
  hibernate(): void {
    const { resident, timers } = this.#life ?? {};
    if (resident?.running !== undefined || timers?.size !== 0) return;
    this.#life = undefined;
    for (const connection of this.#connections) connection.hibernated();
  }

  /** Memory goes, in the middle of whatever it was, and every link breaks. */
  kill(): void {
    const life = this.#life;
    this.#life = undefined;
    for (const timer of life?.timers ?? []) this.#ground.clock.clear(timer);
    const connections = [...this.#connections];
    this.#connections.clear();
    for (const connection of connections) connection.close(1006, "");
  }

  close(): void {
    this.kill();
    if (this.#alarm) this.#ground.clock.clear(this.#alarm);
    this.#sql.close();
  }

  #event(happen: (resident: Here) => void): void {
    happen(this.#awake().resident);
    this.#endEvent();
  }

  #endEvent(): void {
    if (this.#ground.hibernates) this.hibernate();
  }

  #awake(): Life<Here> {
    if (this.#life) return this.#life;
    const { begin, clock, report } = this.#ground;
    const timers = new Set<Alarm>();
    const isAlive = (): boolean => this.#life?.timers === timers;
    const resident = begin({
      name: this.#name,
      sql: this.#database(isAlive),
      connections: () => this.#connections,
      platform: {
        now: () => clock.now,
        durable: () => (isAlive() ? undefined : Promise.reject(new Error(KILLED))),
        token: (length) => randomToken(length),
        after: (ms, callback) => {
          const timer = clock.set(clock.now + ms, () => {
            timers.delete(timer);
            if (isAlive()) callback();
          });
          timers.add(timer);
          return () => {
            timers.delete(timer);
            clock.clear(timer);
          };
        },
        setAlarm: (at) => isAlive() && this.#setAlarm(at),
        abort: (reason) => {
          report(reason);
          this.kill();
        },
        report: (error, what) => isAlive() && report(what, error),
        warn: (message) => report(message),
      },
    });
    return (this.#life = { resident, timers });
  }

  #setAlarm(at: number | undefined): void {
    const { clock, report } = this.#ground;
    if (this.#alarm) clock.clear(this.#alarm);
    this.#alarm =
      at === undefined
        ? undefined
        : clock.set(at, () => {
            this.#alarm = undefined;
            this.use((resident) => resident.ring()).catch((error: unknown) => {
              report("An alarm failed", error);
            });
          });
  }

  #database(isAlive: () => boolean): SqlPort {
    const sql = this.#sql;
    return {
      run: (text, ...bindings) => {
        // What was killed has no effect any more, whatever of it still runs.
        if (!isAlive()) throw new Error(KILLED);
        if (this.#ground.isStorageFailing() && !/^\s*SELECT/i.test(text)) {
          throw new Error("database or disk is full (as the test asked for)");
        }
        return sql.run(text, ...bindings);
      },
      transaction: (work) => sql.transaction(work),
    };
  }
}

const KILLED = "The instance was killed.";
