import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { SqlPort, SqlRow } from "@holdfast/server/internal/storage/sql-port";

/** When a write that has returned is safe from a crash. */
export type Durability =
  /** At once, every statement and transaction by itself: Node. */
  | "each statement"
  /** With all the writes of its event, some time later: the output gate of a Durable Object. */
  | "each event";

/** A fault that waits for its moment. */
export type DiskFault =
  /** The process dies instead of the `after`th writing statement from now. */
  | { readonly type: "die"; readonly after: number }
  /** So many writing statements throw, from the `after`th on. */
  | { readonly type: "fail statement"; readonly after: number; readonly times: number }
  /** So many outermost transactions throw when they are committed, from the `after`th on. */
  | { readonly type: "fail commit"; readonly after: number; readonly times: number };

/** What a dead process's storage throws; nobody is there to see it. */
export class ProcessDied extends Error {}

const WRITES = /^\s*(INSERT|UPDATE|DELETE|REPLACE|CREATE|DROP|ALTER)\b/i;

/**
 * The storage of one instance: a real SQLite database in memory, which outlives the process, and of
 * which a crash keeps exactly what was durable. Where events are the unit, they are savepoints of a
 * transaction that stays open: what a crash takes back, SQLite itself takes back.
 */
export class Disk implements SqlPort {
  readonly durability: Durability;
  /** Called when a planned death comes. */
  onDeath: () => void = () => undefined;
  #database = new DatabaseSync(":memory:");
  readonly #statements = new Map<string, StatementSync>();
  #depth = 0;
  #fault: DiskFault | undefined;
  #isDead = false;
  /** Events that wrote, counted; the one that is running has a savepoint if it is above `#closed`. */
  #event = 0;
  #isEventOpen = false;
  #durable = 0;
  /** Changes whenever anything is written, or taken back. */
  revision = 0;

  constructor(durability: Durability) {
    this.durability = durability;
  }

  /** The newest event that wrote. What is sent now must wait until it is durable. */
  get event(): number {
    return this.#event;
  }

  /** Events up to here survive a crash. */
  get durable(): number {
    return this.durability === "each event" ? this.#durable : this.#event;
  }

  run(sql: string, ...bindings: (string | number | null)[]): SqlRow[] {
    if (this.#isDead) throw new ProcessDied();
    if (WRITES.test(sql)) {
      this.#strike("fail statement");
      this.revision++;
      this.#beginEvent();
    }
    let statement = this.#statements.get(sql);
    if (!statement) this.#statements.set(sql, (statement = this.#database.prepare(sql)));
    // True because integers beyond 2^53 throw instead of becoming bigint, unless asked for.
    return statement.all(...bindings) as SqlRow[];
  }

  transaction<T>(work: () => T): T {
    if (this.#isDead) throw new ProcessDied();
    this.#beginEvent();
    const name = `nested_${this.#depth}`;
    const isOutermost = this.#depth === 0;
    this.#database.exec(`SAVEPOINT ${name}`);
    this.#depth++;
    try {
      const result = work();
      if (isOutermost) this.#strike("fail commit");
      this.#database.exec(`RELEASE ${name}`);
      return result;
    } catch (error) {
      this.#database.exec(`ROLLBACK TO ${name}; RELEASE ${name}`);
      this.revision++;
      throw error;
    } finally {
      this.#depth--;
    }
  }

  /** The event that was handled has come to its end. */
  endEvent(): void {
    this.#isEventOpen = false;
  }

  /** The next event becomes durable. */
  flush(): void {
    if (this.#durable < this.#event) this.#durable++;
    if (this.#durable === this.#event && this.#database.isTransaction)
      this.#database.exec("COMMIT");
  }

  plan(fault: DiskFault | undefined): void {
    this.#fault = fault;
  }

  /** Whether a planned fault is still to come. */
  get isFaulty(): boolean {
    return this.#fault !== undefined;
  }

  /** From now on nothing is written: the process is gone. */
  die(): void {
    this.#isDead = true;
  }

  /** What was not durable is lost; the next process finds the rest. */
  recover(): void {
    this.#isDead = false;
    this.#isEventOpen = false;
    this.revision++;
    if (this.#database.isTransaction) {
      const lost = this.#durable + 1;
      this.#database.exec(lost <= this.#event ? `ROLLBACK TO event_${lost}; COMMIT` : "COMMIT");
    }
    // Numbers go on, so that nothing that waits for an event that was lost is ever let go.
    this.#durable = ++this.#event;
  }

  /** Everything that is durable. */
  copy(): Uint8Array {
    if (this.#database.isTransaction) throw new Error("A copy is taken of what is durable.");
    return this.#database.serialize();
  }

  /** Goes back to an earlier copy; `undefined`: to an empty disk. */
  restore(copy: Uint8Array | undefined): void {
    this.revision++;
    this.#statements.clear();
    this.#database.close();
    this.#database = new DatabaseSync(":memory:");
    if (copy) this.#database.deserialize(copy);
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #beginEvent(): void {
    if (this.#isEventOpen) return;
    this.#isEventOpen = true;
    this.#event++;
    if (this.durability !== "each event") return;
    if (!this.#database.isTransaction) this.#database.exec("BEGIN");
    this.#database.exec(`SAVEPOINT event_${this.#event}`);
  }

  #strike(occasion: "fail statement" | "fail commit"): void {
    const fault = this.#fault;
    const isDue = fault?.type === "die" ? occasion === "fail statement" : fault?.type === occasion;
    if (!fault || !isDue) return;
    if (fault.after > 0) {
      this.#fault = { ...fault, after: fault.after - 1 };
      return;
    }
    if (fault.type !== "die") {
      this.#fault = fault.times > 1 ? { ...fault, times: fault.times - 1 } : undefined;
      throw new Error("The disk says no.");
    }
    this.#fault = undefined;
    this.#isDead = true;
    this.onDeath();
    throw new ProcessDied();
  }
}
