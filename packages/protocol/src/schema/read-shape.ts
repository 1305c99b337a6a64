import { EXPLAIN } from "#explain";
import { fromJson } from "../codec/from-json.ts";
import { isPrimitive } from "../codec/kind-of.ts";
import { Walk } from "../codec/walk.ts";
import type { Limits } from "../limits.ts";
import type { Path } from "../path.ts";
import { malformed } from "./malformed.ts";
import { PATCH_SHAPES } from "./patch-shapes.ts";
import type { ListShape, RecordShape, Shape } from "./shape.ts";

/** The limits that bound what is read, whatever the shape says. */
export type ReadLimits = Pick<Limits, "depth" | "pathSegments">;

/** What is being read: its name, for error messages, and where its values stand in the state. */
interface Place {
  readonly name: string;
  readonly limits: ReadLimits;
  readonly path?: Path;
}

/**
 * `json`, as parsed from text and owned by the caller, read as `shape` says: in place, so that what
 * is plain already costs no copy. Trusts nothing.
 *
 * @throws HoldfastError `MALFORMED_FRAME`; for a value inside, what `decodeValue` throws.
 */
export function readShape(shape: Shape, json: unknown, place: Place): unknown {
  if (fits(shape, json)) return json;
  if (shape === "value") return readValue(json, place);
  if (shape === "patch") return readPatch(json, place);
  if (shape === "primitive") {
    const value = readValue(json, place);
    return isPrimitive(value) ? value : refuse(shape, place);
  }
  if (shape instanceof RegExp || typeof shape === "number") return refuse(shape, place);
  return isList(shape) ? readList(shape, json, place) : readRecord(shape, json, place, 0);
}

/** The same for a record that says by one more field, `type`, which shape it has. */
export function readTagged(shape: RecordShape, json: unknown, place: Place): unknown {
  return readRecord(shape, json, place, 1);
}

/** Whether `json` is what the shape asks for, just as it is. False for what has to be looked into. */
function fits(shape: Shape, json: unknown): boolean {
  if (shape instanceof RegExp) return typeof json === "string" && shape.test(json);
  if (typeof shape === "number") {
    // −0 is none: it would come back as 0. The cast is true because it was found to be a number.
    return Number.isSafeInteger(json) && (json as number) >= shape && !Object.is(json, -0);
  }
  return (
    (shape === "value" || shape === "primitive") && (typeof json !== "object" || json === null)
  );
}

function isList(shape: ListShape | RecordShape): shape is ListShape {
  return Array.isArray(shape);
}

function readValue(json: unknown, { name, limits: { depth }, path = [] }: Place): unknown {
  // Without a path it is a payload or the like, which has a name of its own.
  const root = path.length > 0 ? "state" : name;
  return fromJson(json, path.length, new Walk(path, { root, depth }));
}

function readList(shape: ListShape, json: unknown, place: Place): unknown {
  const [of, most = Infinity] = shape;
  if (!Array.isArray(json) || json.length > most) refuse(shape, place);
  return json.map((item, index) =>
    // The values of a splice stand one level below its path.
    readShape(
      of,
      item,
      of === "value" ? { ...place, path: [...(place.path ?? []), index] } : place,
    ),
  );
}

/** @param others how many fields it has that the shape does not speak of */
function readRecord(shape: RecordShape, json: unknown, place: Place, others: number): unknown {
  if (typeof json !== "object" || json === null || Array.isArray(json)) refuse(shape, place);
  // True because JSON.parse makes plain objects and arrays only.
  const record = json as Record<string, unknown>;
  let unread = Object.keys(record).length - others;
  for (const name in shape) {
    const isOptional = name.endsWith("?");
    const field = isOptional ? name.slice(0, -1) : name;
    // True because `name` is one of the shape's.
    const of = shape[name] as Shape;
    const value = record[field];
    const isThere = value !== undefined;
    if (isThere) unread--;
    if (isThere ? fits(of, value) : isOptional) continue;
    const inner = { ...place, name: `${place.name}.${field}` };
    record[field] = isThere ? readShape(of, value, inner) : refuse(of, inner);
  }
  return unread === 0 ? record : refuse(shape, place);
}

function readPatch(json: unknown, place: Place): unknown {
  const list: readonly unknown[] = Array.isArray(json) ? json : [];
  const op = list[0];
  const segments = list[1];
  if (
    typeof op !== "string" ||
    !Object.hasOwn(PATCH_SHAPES, op) ||
    !Array.isArray(segments) ||
    segments.length > place.limits.pathSegments
  ) {
    return refuse("patch", place);
  }
  // The casts are true because they were just checked.
  const path = segments.map((segment) => readShape("primitive", segment, place)) as Path;
  const fields: RecordShape = PATCH_SHAPES[op as keyof typeof PATCH_SHAPES];
  if (path.includes("__proto__")) refuse("patch", place);
  const patch: Record<string, unknown> = { op, path };
  let index = 2;
  for (const field in fields) {
    if (index === list.length) refuse("patch", place);
    const value = list[index++];
    // True because `field` is one of the shape's.
    const of = fields[field] as Shape;
    patch[field] = fits(of, value) ? value : readShape(of, value, { ...place, path });
  }
  return index === list.length ? patch : refuse("patch", place);
}

function refuse(shape: Shape, { name }: Place): never {
  malformed(
    EXPLAIN &&
      `${name} is not ${typeof shape === "number" ? `an integer from ${shape}` : shape instanceof RegExp ? `a text like ${String(shape)}` : "of its shape"}`,
  );
}
