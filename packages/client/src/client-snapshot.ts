import type { ModuleSnapshot } from "./module-handle.ts";
import type { Status } from "./status.ts";

/** All instances together. */
export interface ClientSnapshot {
  /**
   * That of the instance that is furthest from live; `denied` or `closed` only if all are;
   * `connecting` if there is none.
   */
  readonly status: Status;
  /** The number of unacknowledged actions. */
  readonly pending: number;
}

export function summaryOf(
  instances: readonly Pick<ModuleSnapshot<unknown>, "status" | "pending">[],
): ClientSnapshot {
  const status = BY_DISTANCE.find((one) => instances.some((instance) => instance.status === one));
  const pending = instances.reduce((sum, instance) => sum + instance.pending, 0);
  return { status: status ?? "connecting", pending };
}

/** Furthest from live first. */
const BY_DISTANCE: readonly Status[] = [
  "offline",
  "reconnecting",
  "connecting",
  "live",
  "denied",
  "closed",
];
