import { EXPLAIN } from "#explain";
import { malformed } from "../schema/malformed.ts";
import { readShape } from "../schema/read-shape.ts";
import type { ReadLimits } from "../schema/read-shape.ts";
import type { ShapeData } from "../schema/shape.ts";

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
  if (!Array.isArray(json)) return [json];
  if (json.length === 0) malformed(EXPLAIN && "it holds no message");
  if (json.length > maxMessages) malformed(EXPLAIN && `it holds more than ${maxMessages} messages`);
  return json;
}

/** One message, by the shape of its type. */
export function readMessage(
  shapes: { readonly [type: string]: ShapeData },
  json: unknown,
  limits: ReadLimits,
): unknown {
  const type = typeOf(json);
  const shape = type !== undefined && Object.hasOwn(shapes, type) ? shapes[type] : undefined;
  if (type === undefined || !shape) {
    return malformed(
      EXPLAIN && `a message has a type other than ${Object.keys(shapes).join(", ")}`,
    );
  }
  return readShape(shape, json, type, limits);
}

export function typeOf(json: unknown): string | undefined {
  if (typeof json !== "object" || json === null || !Object.hasOwn(json, "type")) return undefined;
  // True because it was just found to own the key.
  const { type } = json as { type: unknown };
  return typeof type === "string" ? type : undefined;
}
