import { HoldfastError } from "@holdfast/protocol";

/** Runs a durable write. Its own errors pass; what SQLite refuses becomes `STORAGE_FAILED`. */
export function storing<T>(what: string, work: () => T): T {
  return orFail(
    what,
    "could not be stored, and nothing of it is. The disk or the object's storage may be full or failing; it may be tried again.",
    work,
  );
}

/** Runs what only reads; errors as with `storing`. */
export function reading<T>(what: string, work: () => T): T {
  return orFail(
    what,
    "could not be read from storage. The disk or the object's storage may be failing; it may be tried again.",
    work,
  );
}

/** Stored by a newer Holdfast than the one at hand; nothing was touched. */
export function storedByNewer(what: string, stored: number, known: number): HoldfastError {
  return new HoldfastError(
    "SCHEMA_TOO_NEW",
    `${what} has number ${stored}, this Holdfast knows up to ${known}. An older version was deployed over a newer one: deploy the newer one again. Nothing was changed.`,
  );
}

/** Stored state that cannot be read; what is damaged is or will be in quarantine. */
export function restoreFailed(problem: string, options?: ErrorOptions): HoldfastError {
  return new HoldfastError(
    "RESTORE_FAILED",
    `The stored state cannot be restored: ${problem} Another program may have written to the holdfast_ tables, or the disk is failing. What cannot be read is kept in holdfast_quarantine; bring back a backup, or repair it there.`,
    options,
  );
}

function orFail<T>(what: string, problem: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof HoldfastError) throw cause;
    throw new HoldfastError("STORAGE_FAILED", `${what} ${problem}`, { cause });
  }
}
