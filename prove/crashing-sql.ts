import type { SqlPort, SqlRow } from "@holdfast/server/internal/storage/sql-port";

/** What a statement or transaction throws when the process is gone, or when the disk said no. */
export class PlannedFailure extends Error {}

export interface Plan {
  /**
   * - `crash before`: the process dies, and the step is not on disk.
   * - `crash after`: the step is on disk, but nobody is told any more.
   * - `failure at`: the step fails, once; the process lives on.
   */
  readonly type: "crash before" | "crash after" | "failure at";
  /** Which durable step, counted from 0. */
  readonly step: number;
}

/**
 * A database that fails where a proof wants it to. It counts durable steps: an outermost transaction
 * is one, and so is every writing statement outside of one. On Node each is on disk by itself, so
 * whatever must be durable together has to be in one step.
 */
export class CrashingSql implements SqlPort {
  /** Durable steps that were taken since the last plan. */
  steps = 0;
  /** True once the planned crash came: nothing that happens from then on is seen by anybody. */
  crashed = false;
  readonly #database: SqlPort;
  #plan: Plan | undefined;
  #depth = 0;

  constructor(database: SqlPort) {
    this.#database = database;
  }

  /** What is to go wrong from now on; nothing, once the process is started again. */
  plan(plan: Plan | undefined): void {
    this.#plan = plan;
    this.steps = 0;
    this.crashed = false;
  }

  run(sql: string, ...bindings: (string | number | null)[]): SqlRow[] {
    if (this.#depth > 0 || !/^\s*(INSERT|UPDATE|DELETE|REPLACE|CREATE|DROP)\b/i.test(sql)) {
      if (this.crashed) throw new PlannedFailure("the process is gone");
      return this.#database.run(sql, ...bindings);
    }
    return this.#step(() => this.#database.run(sql, ...bindings));
  }

  transaction<T>(work: () => T): T {
    if (this.#depth > 0) return this.#nested(work);
    return this.#step(() => this.#nested(work));
  }

  #nested<T>(work: () => T): T {
    this.#depth++;
    try {
      return this.#database.transaction(work);
    } finally {
      this.#depth--;
    }
  }

  #step<T>(work: () => T): T {
    if (this.crashed) throw new PlannedFailure("the process is gone");
    const type = this.steps++ === this.#plan?.step ? this.#plan.type : undefined;
    if (type === "failure at") throw new PlannedFailure("the disk says no");
    this.crashed = type !== undefined;
    if (type === "crash before") throw new PlannedFailure("the process dies here");
    return work();
  }
}
