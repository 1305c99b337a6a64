import type { Primitive, StreamStatus, StreamValue } from "@holdfast/protocol";

/**
 * Where a stream stands in the state: the key of a field, or the keys that lead to it, as in
 * `["answers", id, "reply"]`.
 */
export type StreamPath = string | readonly Primitive[];

/**
 * A text that grows while everybody watches. What is appended goes out at once and is stored a moment
 * later: the one thing that a client may see before it is durable.
 *
 * In an asynchronous action a stream is no part of the action's isolation: what is written to it is
 * there for all, whatever becomes of the action, and holds up nobody. The action's end ends the
 * stream: `complete` where it returns, `fail` where it throws. In a synchronous action the stream is
 * state like any other: all that is written to it is one commit with the rest, or nothing.
 */
export interface Stream {
  /** All that was written, also what is not stored yet. */
  readonly text: string;
  readonly status: StreamStatus;
  /** Why `status` is `error`. */
  readonly error: string | null;
  /**
   * Aborts when somebody else ends the stream or begins it anew, and when the action is given up: pass
   * it to whatever produces the text. Writing throws `CANCELLED` from then on.
   *
   * @example
   * for await (const part of model.generate(prompt, { signal: reply.signal })) reply.append(part);
   */
  readonly signal: AbortSignal;
  /**
   * Adds to the text; begins a stream that is not `streaming`, behind what it holds already.
   *
   * @throws HoldfastError `CANCELLED`; `CONFLICT` while another action writes to it;
   * `VALUE_TOO_LARGE` for a text above the limit of a value; `BUSY` for too many streams at once
   */
  append(text: string): void;
  /**
   * Puts another text in the place of what was written; more may follow.
   *
   * @throws HoldfastError as `append`
   */
  set(text: string): void;
  /** That is all of it. */
  complete(): void;
  /** It breaks off; the text stays. */
  fail(error: string): void;
  /** Empties it: `idle`, as it was at first. */
  reset(): void;
}

/**
 * A stream that nothing was written to, for the state of a module: `context.stream("reply")` writes to
 * it. Systems have `stream()` for their fields.
 *
 * @example
 * app.defineState({ reply: emptyStream(), answers: {} as Record<string, StreamValue> })
 */
export function emptyStream(): StreamValue {
  return { id: "", status: "idle", text: "", error: null };
}

/** Where actions find their streams. */
export interface StreamSource {
  /** @param state the action's own */
  openStream(path: StreamPath, state: object): Stream;
}
