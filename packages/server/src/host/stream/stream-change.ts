import { HoldfastError, type StreamValue } from "@holdfast/protocol";
import { emptyStream } from "../../module/stream.ts";

/** What is done to a stream. */
export type StreamChange =
  | { readonly type: "append" | "set"; readonly text: string }
  | { readonly type: "complete" | "reset" }
  | { readonly type: "fail"; readonly error: string };

/**
 * The value of a stream after a change. Under one id the text only grows.
 *
 * @throws HoldfastError `VALUE_UNSUPPORTED` for a text that is none
 */
export function changeStream(
  before: StreamValue,
  change: StreamChange,
  newId: () => string,
): StreamValue {
  switch (change.type) {
    case "append": {
      const text = before.text + checkedText(change.text);
      // What goes on after an end is read by nobody who has seen that end as the last of it.
      const id = before.status === "streaming" ? before.id : newId();
      return { id, status: "streaming", text, error: null };
    }
    case "set":
      return { id: newId(), status: "streaming", text: checkedText(change.text), error: null };
    case "complete":
      return { ...before, status: "done", error: null };
    case "fail":
      return { ...before, status: "error", error: checkedText(change.error) };
    case "reset":
      return emptyStream();
  }
}

/** @throws HoldfastError `VALUE_UNSUPPORTED` */
export function checkedText(text: unknown): string {
  if (typeof text === "string") return text;
  throw new HoldfastError(
    "VALUE_UNSUPPORTED",
    `A stream holds text, and was given ${text === null ? "null" : `a value of type ${typeof text}`}. Write String(value), or JSON.stringify(value).`,
  );
}
