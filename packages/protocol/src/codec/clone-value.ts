import type { Path } from "../path.ts";
import type { Primitive, Value } from "../value.ts";
import { describeUnsupported } from "./describe-unsupported.ts";
import { isPrimitive, kindOf, TYPED_ARRAYS } from "./kind-of.ts";
import { HOLE, MAP_KEY, PROTO_KEY, SET_MEMBER, SYMBOL_KEY } from "./refusals.ts";
import { bigintText, bytesOf } from "./to-json.ts";
import { Walk } from "./walk.ts";
import type { WalkOptions } from "./walk.ts";

/**
 * A deep copy that shares nothing with `value`, with the refusals of `encodeValue`. Objects without
 * a prototype become ordinary ones; getters are read once.
 *
 * @param at where the value stands or will stand: named by errors, and counted as depth.
 * @throws HoldfastError `VALUE_UNSUPPORTED` or `VALUE_TOO_DEEP`, naming the path.
 */
export function cloneValue(value: unknown, at: Path = [], options: WalkOptions = {}): Value {
  return clone(value, at.length, new Walk(at, options));
}

function clone(value: unknown, depth: number, walk: Walk): Value {
  if (walk.take !== undefined && typeof value === "object" && value !== null) {
    const taken = walk.take(value, depth);
    if (taken !== undefined) return taken;
  }
  const kind = kindOf(value);
  if (kind === undefined) return walk.refuse(depth, describeUnsupported(value));
  if (typeof value === "bigint") bigintText(value, depth, walk);
  if (typeof value !== "object" || value === null) return value as Primitive;
  // The casts below are true because the kind says so.
  switch (kind) {
    case "object":
      return cloneObject(value as Record<string, unknown>, depth, walk);
    case "array":
      return cloneArray(value as readonly unknown[], depth, walk);
    case "Map":
      return cloneMap(value as ReadonlyMap<unknown, unknown>, depth, walk);
    case "Set":
      return cloneSet(value as ReadonlySet<unknown>, depth, walk);
    case "Date":
      return new Date((value as Date).getTime());
    case "URL":
      return new URL((value as URL).href);
    case "RegExp":
      return new RegExp((value as RegExp).source, (value as RegExp).flags);
    default:
      // True because only typed arrays are left.
      return new TYPED_ARRAYS[kind as keyof typeof TYPED_ARRAYS](
        bytesOf(value as ArrayBufferView, depth, walk).slice().buffer,
      );
  }
}

function cloneObject(value: Record<string, unknown>, depth: number, walk: Walk): Value {
  walk.enter(depth, value);
  if (Object.getOwnPropertySymbols(value).length > 0) walk.refuse(depth, SYMBOL_KEY);
  const copy: Record<string, unknown> = { ...value };
  for (const key of Object.keys(copy)) {
    if (key === "__proto__") walk.refuse(depth, PROTO_KEY);
    const child = copy[key];
    if (typeof child === "string" || typeof child === "number" || typeof child === "boolean")
      continue;
    walk.step(depth, key);
    copy[key] = clone(child, depth + 1, walk);
  }
  // True because every child is a value now.
  return copy as Record<string, Value>;
}

function cloneArray(value: readonly unknown[], depth: number, walk: Walk): Value {
  walk.enter(depth, value);
  const copy: Value[] = [];
  for (let index = 0; index < value.length; index++) {
    const child = value[index];
    walk.step(depth, index);
    if (child === undefined && !(index in value)) walk.refuse(depth + 1, HOLE);
    copy.push(clone(child, depth + 1, walk));
  }
  return copy;
}

function cloneMap(value: ReadonlyMap<unknown, unknown>, depth: number, walk: Walk): Value {
  walk.enter(depth, value);
  const copy = new Map<Primitive, Value>();
  for (const [key, child] of value) {
    if (!isPrimitive(key)) walk.refuse(depth, MAP_KEY);
    // True because it was just found to be a primitive.
    walk.step(depth, key as Primitive);
    copy.set(key as Primitive, clone(child, depth + 1, walk));
  }
  return copy;
}

function cloneSet(value: ReadonlySet<unknown>, depth: number, walk: Walk): Value {
  walk.enter(depth, value);
  const copy = new Set<Primitive>();
  for (const member of value) {
    if (!isPrimitive(member)) walk.refuse(depth, SET_MEMBER);
    // True because it was just found to be a primitive.
    copy.add(member as Primitive);
  }
  return copy;
}
