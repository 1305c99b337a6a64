import { kindOf } from "./codec/kind-of.ts";

/**
 * - `idle`: nothing was written yet
 * - `streaming`: more text may come
 * - `done`: that is all of it
 * - `error`: it broke off; what had come by then is there
 */
export type StreamStatus = "idle" | "streaming" | "done" | "error";

/** A stream as it stands in the state: its text as far as it is durable. */
export interface StreamValue {
  /** Names the text: one that begins anew has another id. `""`: there was none yet. */
  readonly id: string;
  readonly status: StreamStatus;
  readonly text: string;
  /** Why `status` is `error`, in the words that `fail` was given; `"interrupted"` after a restart. */
  readonly error: string | null;
}

export function isStreamValue(value: unknown): value is StreamValue {
  if (kindOf(value) !== "object") return false;
  // True because any object may be asked for them.
  const { id, status, text, error } = value as Record<string, unknown>;
  return (
    typeof id === "string" &&
    typeof text === "string" &&
    typeof status === "string" &&
    STATUSES.has(status) &&
    (error === null || typeof error === "string")
  );
}

const STATUSES: ReadonlySet<string> = new Set<StreamStatus>(["idle", "streaming", "done", "error"]);
