import { kindOf } from "./codec/kind-of.ts";
import type { Path } from "./path.ts";

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

/** The stream at a path of a state; `undefined` where there is none. */
export function streamAt(state: unknown, path: Path): StreamValue | undefined {
  let value = state;
  for (const segment of path) {
    if (value instanceof Map) value = value.get(segment);
    else if (typeof value !== "object" || value === null) return undefined;
    else if (!Object.hasOwn(value, String(segment))) return undefined;
    else value = Reflect.get(value, String(segment));
  }
  return isStreamValue(value) ? value : undefined;
}

const STATUSES: ReadonlySet<string> = new Set<StreamStatus>(["idle", "streaming", "done", "error"]);
