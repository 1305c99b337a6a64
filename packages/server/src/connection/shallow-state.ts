import { encodeValue, formatPath, kindOf, type Path, type Value } from "@holdfast/protocol";
import type { ConnectionEngine } from "../module/connection-engine.ts";

/**
 * The state of `persistOptions.shallow`: an object whose keys can be assigned to. What is inside of
 * them is handed out as a plain copy, one for each key until that is assigned; changing the copy
 * changes nothing else.
 */
export class ShallowState {
  readonly state: object;
  readonly #tracked: Record<string, unknown>;
  readonly #engine: ConnectionEngine;
  /** What was handed out, and what it was then. */
  readonly #copies = new Map<string, { readonly copy: object; readonly before: string }>();

  constructor(tracked: object, engine: ConnectionEngine) {
    // A state is an object, and its keys are texts.
    this.#tracked = tracked as Record<string, unknown>;
    this.#engine = engine;
    this.state = new Proxy(this.#tracked, {
      get: (_target, key) => (typeof key === "string" ? this.#read(key) : undefined),
      set: (_target, key, value) => {
        if (typeof key !== "string") return false;
        this.#tracked[key] = value;
        this.#copies.delete(key);
        return true;
      },
      deleteProperty: (_target, key) => {
        if (typeof key === "string") this.#copies.delete(key);
        return Reflect.deleteProperty(this.#tracked, key);
      },
    });
  }

  /** Says what was changed and not assigned, and begins afresh. */
  settle(): void {
    for (const [key, { copy, before }] of this.#copies) {
      // What it cannot hold would not have been stored either.
      const after = encoded(copy);
      if (after === before) continue;
      const path = [key, ...differenceOf(this.#tracked[key], copy, this.#engine)];
      this.#engine.warnOnce(
        `state.${formatPath(path)} was changed, and is not persisted: with persistOptions.shallow, only what is assigned to a key of the state is. Write state.${key} = { ...state.${key}, … }, or leave out \`shallow\`.`,
      );
    }
    this.#copies.clear();
  }

  #read(key: string): unknown {
    const known = this.#copies.get(key);
    if (known) return known.copy;
    const value = this.#tracked[key];
    if (typeof value !== "object" || value === null) return value;
    const copy: object = this.#engine.unwrap(value);
    this.#copies.set(key, { copy, before: encoded(copy) });
    return copy;
  }
}

function encoded(value: unknown): string {
  try {
    return encodeValue(value);
  } catch {
    return "";
  }
}

/** The way to the first place that differs; as far as plain objects and arrays go. */
function differenceOf(before: unknown, after: unknown, engine: ConnectionEngine): Path {
  const one = engine.unwrap(before);
  const kind = kindOf(one);
  if (kind !== kindOf(after) || (kind !== "object" && kind !== "array")) return [];
  // Both are objects or arrays.
  const [mine, theirs] = [one as Record<string, Value>, after as Record<string, Value>];
  const keys = new Set([...Object.keys(mine), ...Object.keys(theirs)]);
  for (const key of keys) {
    if (encoded(mine[key]) === encoded(theirs[key])) continue;
    return [key, ...differenceOf(mine[key], theirs[key], engine)];
  }
  return [];
}
