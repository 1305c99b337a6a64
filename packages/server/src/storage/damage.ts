/** Stored rows that cannot be read: they belong in quarantine. */
export class Damage extends Error {
  readonly table: "holdfast_journal" | "holdfast_parts";
  readonly slots: readonly number[];

  /** @param problem the end of a sentence: what cannot be restored, and why */
  constructor(
    problem: string,
    where: { table: "holdfast_journal" | "holdfast_parts"; slots: readonly number[] },
    options?: ErrorOptions,
  ) {
    super(problem, options);
    this.table = where.table;
    this.slots = where.slots;
  }
}
