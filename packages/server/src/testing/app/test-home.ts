import { randomToken } from "@holdfast/protocol";
import type { Ground, Resident } from "../../node/resident.ts";
import { type NodeSqlite, openNodeSqlite } from "../../node/node-sqlite-port.ts";
import type { Alarm, Clock } from "./clock.ts";
import type { Errands } from "./errands.ts";
import { Life } from "./life.ts";
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

  /** Calls with whoever lives here; the app is not at rest before that has ended. */
  use<Result>(work: (resident: Here) => Result | Promise<Result>): Promise<Result> {
    return this.#ground.errands.follow(this.ask(work));
  }

  /** The same for what may wait for the clock: that moves when all is at rest. */
  async ask<Result>(work: (resident: Here) => Result | Promise<Result>): Promise<Result> {
    const life = this.#awake();
    const result = await life.during(work(life.resident));
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
    if (!this.#connections.delete(connection)) return;
    this.#event((resident) => resident.disconnect(connection));
  }

  /** Memory goes, unless something is under way; sockets stay. */
  hibernate(): void {
    if (!this.#life?.isIdle) return;
    this.#forget();
    for (const connection of this.#connections) connection.hibernated();
  }

  /** Memory goes, in the middle of whatever it was, and every link breaks. */
  kill(): void {
    this.#forget();
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

  #forget(): void {
    this.#life?.end();
    this.#life = undefined;
  }

  #awake(): Life<Here> {
    const { begin, clock, report, isStorageFailing } = this.#ground;
    return (this.#life ??= new Life({
      sql: this.#sql,
      clock,
      token: randomToken,
      watch: {
        beforeWrite: () => {
          if (isStorageFailing())
            throw new Error("database or disk is full (as the test asked for)");
        },
      },
      setAlarm: (at) => this.#setAlarm(at),
      abort: (reason) => {
        report(reason);
        this.kill();
      },
      report,
      begin: (ground) =>
        begin({
          ...ground,
          name: this.#name,
          connections: () => [...this.#connections].filter(({ isOpen }) => isOpen),
        }),
    }));
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
}
