import type { SqlPort, SqlRow } from "@holdfast/server/internal/storage/sql-port";

/** What a statement or transaction throws when the process is gone, or when the disk said no. */
export class PlannedFailure extends Error {}

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
  #plan: { readonly step: number; readonly type: "crash" | "fail" } | undefined;
  #depth = 0;

  constructor(database: SqlPort) {
    this.#database = database;
  }

  /** The process dies before its `step`th durable step from now, counted from 0. */
  crashBefore(step: number): void {
    this.#begin({ step, type: "crash" });
  }

  /** The `step`th durable step from now fails, once. */
  failAt(step: number): void {
    this.#begin({ step, type: "fail" });
  }

  /** The process is started again: the same disk, no failures. */
  restart(): void {
    this.#begin(undefined);
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
    const step = this.steps++;
    if (step !== this.#plan?.step) return work();
    if (this.#plan.type === "crash") this.crashed = true;
    throw new PlannedFailure(this.crashed ? "the process dies here" : "the disk says no");
  }

  #begin(plan: { step: number; type: "crash" | "fail" } | undefined): void {
    this.#plan = plan;
    this.steps = 0;
    this.crashed = false;
  }
}
