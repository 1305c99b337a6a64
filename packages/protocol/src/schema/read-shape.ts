import { EXPLAIN } from "#explain";
import { fromJson } from "../codec/from-json.ts";
import { isPrimitive } from "../codec/kind-of.ts";
import { Walk } from "../codec/walk.ts";
import type { Limits } from "../limits.ts";
import type { Path } from "../path.ts";
import { malformed } from "./malformed.ts";
import type { FieldData, Shape, ShapeData } from "./shape.ts";

/** The limits that bound what is read, whatever the shape says. */
export type ReadLimits = Pick<Limits, "depth" | "pathSegments">;

/**
 * `json`, as parsed from text and owned by the caller, read as `shape` says. Trusts nothing.
 *
 * @param name what error messages call the place.
 * @throws HoldfastError `MALFORMED_FRAME`; for a value inside, what `decodeValue` throws.
 */
export function readShape<T>(shape: Shape<T>, json: unknown, name: string, limits: ReadLimits): T {
  // True because `read` returns only what fits the shape, and the shape stands for T.
  return read(shape, json, { name, limits, path: undefined }) as T;
}

interface Place {
  readonly name: string;
  readonly limits: ReadLimits;
  /** Where the values of an operation stand. */
  readonly path: Path | undefined;
}

function read(shape: ShapeData, json: unknown, place: Place): unknown {
  switch (shape.is) {
    case "literal":
      return json === shape.text ? json : refuse(shape, place);
    case "integer":
      return isInteger(json, shape.min) ? json : refuse(shape, place);
    case "text":
      return isText(json, shape) ? json : refuse(shape, place);
    case "value":
      return readValue(json, place);
    case "primitive": {
      const value = readValue(json, place);
      return isPrimitive(value) ? value : refuse(shape, place);
    }
    case "path":
      return readPath(shape, json, place);
    case "list":
      return Array.isArray(json) &&
        json.length >= shape.min &&
        json.length <= (shape.max ?? Infinity)
        ? json.map((item, index) => read(shape.of, item, itemPlace(shape.of, place, index)))
        : refuse(shape, place);
    case "record":
      return readRecord(shape, json, place);
    case "operation":
      return readOperation(shape, json, place);
  }
}

/** −0 is none: it would come back as 0. */
function isInteger(json: unknown, min: number): json is number {
  // True because it was just found to be a number.
  return Number.isSafeInteger(json) && (json as number) >= min && !Object.is(json, -0);
}

/** The values in a list of an operation stand one level below its path. */
function itemPlace(shape: ShapeData, place: Place, index: number): Place {
  return place.path && shape.is === "value" ? { ...place, path: [...place.path, index] } : place;
}

function isText(json: unknown, shape: ShapeData & { is: "text" }): json is string {
  return (
    typeof json === "string" &&
    json.length >= shape.min &&
    json.length <= (shape.max ?? Infinity) &&
    (shape.of === undefined || new RegExp(`^[${shape.of}]*$`).test(json))
  );
}

function readValue(json: unknown, { name, limits, path }: Place): unknown {
  const walk = new Walk(path ?? [], { root: path ? "state" : name, depth: limits.depth });
  return fromJson(json, path?.length ?? 0, walk);
}

function readPath(shape: ShapeData, json: unknown, place: Place): Path {
  if (!Array.isArray(json) || json.length > place.limits.pathSegments) refuse(shape, place);
  const path = json.map((segment) => readValue(segment, place));
  if (!path.every(isPrimitive) || path.includes("__proto__")) refuse(shape, place);
  // True because every segment was just found to be a primitive.
  return path as unknown as Path;
}

function readRecord(shape: ShapeData & { is: "record" }, json: unknown, place: Place): unknown {
  if (typeof json !== "object" || json === null || Array.isArray(json)) refuse(shape, place);
  // True because JSON.parse makes plain objects and arrays only.
  const source = json as Record<string, unknown>;
  const result: Record<string, unknown> = {};
  let known = 0;
  for (const [field, fieldShape] of Object.entries(shape.fields)) {
    const name = `${place.name}.${field}`;
    if (Object.hasOwn(source, field)) {
      known++;
      result[field] = read(fieldShape, source[field], { ...place, name });
    } else if (!shape.optional.includes(field)) refuse(fieldShape, { ...place, name });
  }
  if (Object.keys(source).length > known) refuse(shape, place);
  return result;
}

function readOperation(
  shape: ShapeData & { is: "operation" },
  json: unknown,
  place: Place,
): unknown {
  const op: unknown = Array.isArray(json) ? json[0] : undefined;
  if (typeof op !== "string" || !Object.hasOwn(shape.of, op)) refuse(shape, place);
  // True because `op` came out of an array, and is an own key of the table.
  const [, ...items] = json as unknown[];
  const fields = Object.entries(shape.of[op] as FieldData);
  if (items.length !== fields.length) refuse(shape, place);
  const result: Record<string, unknown> = { op };
  let path: Path | undefined;
  for (const [index, [field, fieldShape]] of fields.entries()) {
    result[field] = read(fieldShape, items[index], { ...place, path });
    // True because that is what the shape "path" yields.
    if (fieldShape.is === "path") path = result[field] as Path;
  }
  return result;
}

function refuse(shape: ShapeData, { name }: Place): never {
  malformed(EXPLAIN && `${name} is not ${JSON.stringify(shape).slice(0, 200)}`);
}
