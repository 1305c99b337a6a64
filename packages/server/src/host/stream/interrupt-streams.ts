import type { StreamValue, Value, ValueObject } from "@holdfast/protocol";
import { raw } from "../../state/raw.ts";
import { findStreams, type WritableStream, writableStreamAt } from "./stream-place.ts";

/** What a stream's `error` says that the server's end has cut short. */
export const INTERRUPTED = "interrupted";

/** Says of the streams with these ids that they were cut short, wherever they stand by now. */
export function interruptStreams(state: object, ids: ReadonlySet<string>): void {
  // True because the raw side of a state is a value.
  interrupt(state, raw(state) as Value, ({ id }) => ids.has(id));
}

/** The same of all streams in a state that comes from elsewhere: nobody here goes on with them. */
export function interruptAllStreams(state: ValueObject): ValueObject {
  interrupt(state, state, () => true);
  return state;
}

function interrupt(state: object, value: Value, isMeant: (value: StreamValue) => boolean): void {
  const isOpen = (one: StreamValue): boolean => one.status === "streaming" && isMeant(one);
  for (const path of findStreams(value, isOpen)) {
    // True because it was just found there.
    const stream = writableStreamAt(state, path) as WritableStream;
    stream.status = "error";
    stream.error = INTERRUPTED;
  }
}
