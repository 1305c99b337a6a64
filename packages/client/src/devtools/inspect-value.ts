import { kindOf, type Path, type Value } from "@holdfast/protocol";

/** One part of a container: what leads to it, and what stands there. */
export interface Part {
  readonly segment: Path[number];
  /** As people read the segment. */
  readonly name: string;
  readonly value: unknown;
}

/** Longer texts are cut: a tree is for finding one's way. */
const LONGEST_TEXT = 120;

/** A value on one line. */
export function preview(value: unknown): string {
  const kind = kindOf(value);
  // The casts are true because the kind says so.
  switch (kind) {
    case "string":
      return cut(JSON.stringify(value));
    case "bigint":
      return cut(`${value as bigint}n`);
    case "number":
      return Object.is(value, -0) ? "-0" : String(value);
    case "object":
      return count(Object.keys(value as object).length, "{", "}");
    case "array":
      return count((value as readonly unknown[]).length, "[", "]");
    case "Map":
    case "Set":
      return `${kind} ${count((value as ReadonlySet<unknown>).size, "(", ")")}`;
    case "Date": {
      const time = (value as Date).getTime();
      return Number.isNaN(time) ? "Invalid Date" : new Date(time).toISOString();
    }
    case "URL":
    case "RegExp":
    case "null":
    case "undefined":
    case "boolean":
      return cut(String(value));
    case undefined:
      return typeof value;
    default: {
      const bytes = value as Uint8Array;
      return `${kind} ${count(bytes.length, "(", ")")}`;
    }
  }
}

/** What a value holds; `undefined` for one that holds nothing to look into. */
export function partsOf(value: unknown): readonly Part[] | undefined {
  switch (kindOf(value)) {
    case "object":
      return Object.entries(value as object).map(([name, child]) => part(name, name, child));
    case "array":
      return (value as readonly unknown[]).map((child, index) => part(index, String(index), child));
    case "Map":
      return Array.from(value as ReadonlyMap<Path[number], Value>, ([key, child]) =>
        part(key, preview(key), child),
      );
    case "Set":
      return Array.from(value as ReadonlySet<Path[number]>, (member, index) =>
        part(index, "·", member),
      );
    default:
      return undefined;
  }
}

/** What stands at a segment of a container; a Set's members have no places of their own. */
export function partAt(container: unknown, segment: Path[number]): unknown {
  if (container instanceof Map) return container.get(segment);
  if (typeof container !== "object" || container === null) return undefined;
  return Object.hasOwn(container, String(segment))
    ? // True because it has an own property of that name.
      (container as Record<string, unknown>)[String(segment)]
    : undefined;
}

function part(segment: Path[number], name: string, value: unknown): Part {
  return { segment, name, value };
}

function cut(text: string): string {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
}

function count(size: number, open: string, close: string): string {
  return size === 0 ? open + close : `${open}${size}${close}`;
}
