import { EXPLAIN } from "#explain";
import { malformed } from "../schema/malformed.ts";
import { readTagged } from "../schema/read-shape.ts";
import type { ReadLimits } from "../schema/read-shape.ts";
import type { RecordShape } from "../schema/shape.ts";

/** The messages of a frame as JSON: one, or a list of one or more. */
export function parseFrame(frame: unknown, maxMessages: number): readonly unknown[] {
  if (typeof frame !== "string") malformed(EXPLAIN && "it is binary, and only text frames are");
  let json: unknown;
  try {
    // Not recursive in V8, however deep the text nests; where it is, it throws.
    json = JSON.parse(frame);
  } catch (cause) {
    malformed(EXPLAIN && "it is not JSON", cause);
  }
  const messages: readonly unknown[] = Array.isArray(json) ? json : [json];
  return messages.length > 0 && messages.length <= maxMessages
    ? messages
    : malformed(EXPLAIN && `it holds no message, or more than ${maxMessages}`);
}

/** One message, by the shape of its type. */
export function readMessage(
  shapes: { readonly [type: string]: RecordShape },
  json: unknown,
  limits: ReadLimits,
): unknown {
  const { type }: { type?: unknown } = Object(json);
  if (typeof type !== "string" || !Object.hasOwn(shapes, type)) {
    malformed(EXPLAIN && `a message has a type other than ${Object.keys(shapes).join(", ")}`);
  }
  // True because the type was just found to be a key.
  return readTagged(shapes[type] as RecordShape, json, { name: type, limits });
}
