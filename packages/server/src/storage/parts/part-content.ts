import { decodeStored, encodeValue, isPlainText, kindOf } from "@holdfast/protocol";
import type { Primitive, Value, ValueObject } from "@holdfast/protocol";
import type { PartKind, PartNode, Run } from "./part-node.ts";

/*
 * What a part's text says, by the kind of its container. The casts of this file are true because a
 * node has the kind of its value; the tree is reset where that might not be so.
 */

/** How `value` is written in parts of its own; `undefined` where it is too plain to have any. */
export function partKindOf(value: Value): PartKind | undefined {
  const kind = kindOf(value);
  switch (kind) {
    case "object":
    case "array":
    case "Map":
    case "Set":
    case "string":
      return kind;
    case "number":
    case "boolean":
    case "null":
    case "undefined":
    case undefined:
      return undefined;
    default:
      return "text";
  }
}

/** What is cut into the runs of a container: its value, or the encoded text of an atom. */
export function contentOf(kind: PartKind, value: Value): Value {
  return kind === "text" ? encodeStored(value) : value;
}

/** Items, entries, members, or UTF-16 units. */
export function countOf(kind: PartKind, content: Value): number {
  switch (kind) {
    case "object":
      return Object.keys(content as ValueObject).length;
    case "array":
      return (content as readonly Value[]).length;
    case "Map":
      return (content as ReadonlyMap<Primitive, Value>).size;
    case "Set":
      return (content as ReadonlySet<Primitive>).size;
    case "string":
    case "text":
      return (content as string).length;
  }
}

/** The keys or members of a container, in order. */
export function keysOf(kind: PartKind, content: Value): Primitive[] {
  switch (kind) {
    case "object":
      return Object.keys(content as ValueObject);
    case "Map":
    case "Set":
      return [...(content as ReadonlyMap<Primitive, Value> | ReadonlySet<Primitive>).keys()];
    default:
      return [];
  }
}

/** The value at a place of a run; `start` is where the run begins in its array. */
export function valueAt(kind: PartKind, content: Value, start: number, local: Primitive): Value {
  if (kind === "array") return (content as readonly Value[])[start + (local as number)];
  if (kind === "Map") return (content as ReadonlyMap<Primitive, Value>).get(local);
  return (content as ValueObject)[local as string];
}

/** The text of a run that begins at `start`. Where a child has parts of its own, it says `null`. */
export function encodeRun(node: PartNode, run: Run, content: Value, start: number): string {
  switch (node.kind) {
    case "object":
      return encodeStored(pickObject(run, content as ValueObject));
    case "array":
      return encodeStored(pickItems(node, run, content as readonly Value[], start));
    case "Map":
      return encodeStored(pickEntries(run, content as ReadonlyMap<Primitive, Value>));
    case "Set":
      return encodeStored(run.keys ? new Set(run.keys) : content);
    case "string":
    case "text":
      // As JSON, in which half a character is written as an escape and comes back as it was.
      return JSON.stringify((content as string).slice(start, start + run.count));
  }
}

/**
 * What the texts of consecutive runs say, in one piece. `undefined` where that cannot be told from
 * all of them together; then each by itself says what it holds, or what is wrong with it.
 */
export function decodeRuns(kind: PartKind, texts: readonly string[]): Value | undefined {
  if (kind !== "object" && kind !== "array") return undefined;
  const [open, close] = kind === "object" ? ["{", "}"] : ["[", "]"];
  const inner: string[] = [];
  for (const text of texts) {
    if (!text.startsWith(open) || !text.endsWith(close) || !isPlainText(text)) return undefined;
    if (text.length > 2) inner.push(text.slice(1, -1));
  }
  try {
    // True because the JSON of a plain text is its value.
    return JSON.parse(`${open}${inner.join(",")}${close}`) as Value;
  } catch {
    return undefined;
  }
}

/** What the text of a run says. @throws Error when it says something else than its kind */
export function decodeRun(kind: PartKind, text: string): Value {
  if (kind !== "string" && kind !== "text") {
    const piece = decodeStored(text);
    if (kindOf(piece) === kind) return piece;
  } else {
    const piece: unknown = JSON.parse(text);
    if (typeof piece === "string") return piece;
  }
  throw new Error(`The text of a part is not of its kind, ${kind}.`);
}

/** Adds what the next run of a container says to what those before it said; in place where it can. */
export function joinRun(kind: PartKind, content: Value, piece: Value): Value {
  switch (kind) {
    case "string":
    case "text":
      return (content as string) + (piece as string);
    case "object": {
      // Not `Object.assign`, which is slower where the target is large.
      const object = content as Record<string, Value>;
      for (const key of Object.keys(piece as ValueObject))
        object[key] = (piece as ValueObject)[key];
      return content;
    }
    case "array":
      for (const item of piece as readonly Value[]) (content as Value[]).push(item);
      return content;
    case "Map":
      for (const [key, child] of piece as ReadonlyMap<Primitive, Value>) {
        (content as Map<Primitive, Value>).set(key, child);
      }
      return content;
    case "Set":
      for (const member of piece as ReadonlySet<Primitive>) (content as Set<Primitive>).add(member);
      return content;
  }
}

/** The value that `contentOf` was made from. */
export function valueOf(kind: PartKind, content: Value): Value {
  return kind === "text" ? decodeStored(content as string) : content;
}

/** Puts a child that has parts of its own where the run says `null`. */
export function placeChild(
  kind: PartKind,
  content: Value,
  place: { readonly start: number; readonly local: Primitive; readonly child: Value },
): void {
  const { start, local, child } = place;
  if (kind === "array") (content as Value[])[start + (local as number)] = child;
  else if (kind === "Map") (content as Map<Primitive, Value>).set(local, child);
  else (content as Record<string, Value>)[local as string] = child;
}

function pickObject({ keys, children }: Run, value: ValueObject): ValueObject {
  if (!keys && !children?.size) return value;
  const picked: Record<string, Value> = {};
  for (const key of (keys as string[] | undefined) ?? Object.keys(value)) {
    picked[key] = children?.has(key) ? null : value[key];
  }
  return picked;
}

function pickItems(
  node: PartNode,
  run: Run,
  value: readonly Value[],
  start: number,
): readonly Value[] {
  if (node.runs.length === 1 && !run.children?.size) return value;
  const items = value.slice(start, start + run.count);
  for (const local of run.children?.keys() ?? []) items[local as number] = null;
  return items;
}

function pickEntries({ keys, children }: Run, value: ReadonlyMap<Primitive, Value>): Value {
  if (!keys && !children?.size) return value;
  const picked = new Map<Primitive, Value>();
  for (const key of keys ?? value.keys())
    picked.set(key, children?.has(key) ? null : value.get(key));
  return picked;
}

/** State was validated when it was written: it is stored and read whatever the limits are now. */
function encodeStored(value: Value): string {
  return encodeValue(value, [], { depth: Infinity });
}
