import {
  isStreamValue,
  kindOf,
  type Path,
  streamAt,
  type StreamValue,
  type Value,
  type ValueObject,
} from "@holdfast/protocol";
import type { StreamPath } from "../../module/stream.ts";

/** A stream as the tree or an action's proxies have it: there it can be written to. */
export type WritableStream = { -readonly [Field in keyof StreamValue]: StreamValue[Field] };

export function pathOfStream(path: StreamPath): Path {
  return typeof path === "string" ? [path] : [...path];
}

/** The stream at a path of a state, raw or tracked; `undefined` where there is none. */
export function writableStreamAt(state: object, path: Path): WritableStream | undefined {
  // What is in a state that is written to can be.
  return streamAt(state, path) as WritableStream | undefined;
}

/** The paths of all streams in a raw state that are wanted. Looks at all of it. */
export function findStreams(state: Value, isWanted: (value: StreamValue) => boolean): Path[] {
  const found: Path[] = [];
  const look = (value: Value, path: Path): void => {
    if (typeof value !== "object" || value === null) return;
    if (isStreamValue(value)) {
      if (isWanted(value)) found.push(path);
    } else if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) look(item as Value, [...path, index]);
    } else if (value instanceof Map) {
      for (const [key, item] of value) look(item as Value, [...path, key]);
    } else if (kindOf(value) === "object") {
      // True because it is of that kind.
      for (const [key, item] of Object.entries(value as ValueObject)) look(item, [...path, key]);
    }
  };
  look(state, []);
  return found;
}

/** Writes field by field, so that a text that has grown is told as what was added to it. */
export function writeStream(stream: WritableStream, next: StreamValue): void {
  stream.id = next.id;
  stream.status = next.status;
  stream.text = next.text;
  stream.error = next.error;
}
