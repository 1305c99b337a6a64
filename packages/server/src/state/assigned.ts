import type { Primitive, Value } from "@holdfast/protocol";
import { sameAtom } from "./atom.ts";
import { Intake } from "./intake.ts";
import { EntryWrite } from "./log/entry-write.ts";
import { FieldWrite } from "./log/field-write.ts";
import { nodeKindOf } from "./node.ts";
import type { ObjectNode, StateNode } from "./node.ts";
import { targetOf } from "./tracked.ts";
import type { Origin, Scope } from "./tracked.ts";

/**
 * The plain values that an action has assigned. `(state.groups[id] ??= []).push(item)` pushes onto
 * the plain array, as that is what the expression yields: so what an action does to a plain value
 * still counts, until it reads the value back from the state, or ends. From then on the state has a
 * copy that shares nothing with it.
 *
 * The copy is made at once, and until it is handed out nobody has seen it: where the plain value has
 * changed by then, it is taken once more, by a write like any other. A value that holds parts of the
 * state is not followed: those are copied, or moved, at the moment of the assignment.
 */
export class Assigned {
  readonly #scope: Scope;
  /** By the copies. */
  readonly #origins = new Map<object, Origin>();

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  get isEmpty(): boolean {
    return this.#origins.size === 0;
  }

  follow(copy: object, origin: Origin): void {
    this.#origins.set(copy, origin);
  }

  /**
   * What the action sees where `found` stands, which it gets to see for the first time. What that
   * holds is not seen yet, and followed further.
   */
  handOut(found: Value & object): Value & object {
    const origin = this.#origins.get(found);
    if (origin === undefined) return found;
    const now = isSame(origin.value, found) ? found : this.#takeAgain(found, origin);
    // Otherwise it holds parts of the state by now.
    if (this.#origins.delete(now)) this.#followInside(origin.value, now);
    return now;
  }

  /** What `clone` makes of the plain value that `copy` is one of, if that has changed. */
  copyAgain(copy: object, clone: (value: object) => Value): Value | undefined {
    const origin = this.#origins.get(copy);
    if (origin === undefined || isSame(origin.value, copy)) return undefined;
    return this.#without(copy, origin, () => clone(origin.value));
  }

  /** The action is over, or all that it has written is about to be read. */
  settle(): void {
    for (const [copy, origin] of this.#origins) {
      // What it has removed again is nobody's.
      if (isSame(origin.value, copy) || placeOf(copy, origin) === undefined) continue;
      // True because only values of the tree are followed.
      this.#takeAgain(copy as Value & object, origin);
    }
  }

  /** Puts the plain value as it is now in the place of the copy that nobody has seen. */
  #takeAgain(copy: Value & object, origin: Origin): Value & object {
    const { node, value } = origin;
    const place = placeOf(copy, origin);
    const intake = new Intake(this.#scope, node);
    // An object is taken as one; and it is followed again.
    const key = place ? place.key : origin.key;
    const now = this.#without(copy, origin, () => intake.take(value, key) as Value & object);
    intake.commit();
    this.#origins.delete(copy);
    if (place) this.#scope.log.run(replacement(node, place.key, copy, now));
    return now;
  }

  /** A plain value may hold by now what it stands in: there, the copy is what it was. */
  #without<Result>(copy: object, origin: Origin, work: () => Result): Result {
    this.#origins.delete(copy);
    try {
      return work();
    } finally {
      this.#origins.set(copy, origin);
    }
  }

  /** @param copy equal to `value` */
  #followInside(value: object, copy: Value & object): void {
    const follow = (node: StateNode, key: Primitive, child: unknown, inside: Value): void => {
      if (typeof child !== "object" || child === null) return;
      // True because it is equal to an object.
      this.#origins.set(inside as object, { value: child, node, key });
    };
    // The casts are true because the two are equal, and by the kind of the copy.
    if (Array.isArray(copy)) {
      const items = value as readonly unknown[];
      for (const [at, inside] of copy.entries()) follow(copy, at, items[at], inside as Value);
    } else if (copy instanceof Map) {
      const entries = value as ReadonlyMap<unknown, unknown>;
      for (const [key, inside] of copy) follow(copy, key, entries.get(key), inside);
    } else if (nodeKindOf(copy) === "object") {
      const node = copy as ObjectNode;
      for (const key of Object.keys(node)) follow(node, key, Reflect.get(value, key), node[key]);
    }
  }
}

/** Where the copy stands now; `undefined` where it was removed. */
function placeOf(copy: object, { node, key }: Origin): { readonly key: Primitive } | undefined {
  if (node instanceof Map) return node.get(key) === copy ? { key } : undefined;
  if (!Array.isArray(node)) {
    // True because an object's keys are strings.
    return Reflect.get(node, key as string) === copy ? { key } : undefined;
  }
  // True because the key of an item is its index; it may have moved since.
  if (node[key as number] === copy) return { key };
  const index = (node as unknown[]).indexOf(copy);
  return index < 0 ? undefined : { key: index };
}

function replacement(
  node: StateNode,
  key: Primitive,
  before: Value,
  after: Value,
): EntryWrite | FieldWrite {
  // The casts are true because a Set holds no objects, and by the kinds of keys.
  return node instanceof Map
    ? new EntryWrite(node, key, before, after)
    : new FieldWrite(node as ObjectNode, key as string, before, after);
}

/** Whether a plain value is still what was copied. */
function isSame(value: unknown, copy: unknown): boolean {
  try {
    return isEqual(value, copy);
  } catch {
    // It can no longer be read: then it is as it was when it could.
    return true;
  }
}

/** Looks no deeper than the copy goes, which holds no cycles. */
function isEqual(value: unknown, copy: unknown): boolean {
  if (Object.is(value, copy)) return true;
  if (typeof value !== "object" || typeof copy !== "object") return false;
  if (value === null || copy === null || targetOf(value) !== undefined) return false;
  // The casts are true because what is asked of is a value of the tree, or of the same kind.
  const kind = nodeKindOf(copy as Value);
  if (kind !== nodeKindOf(value as Value)) return false;
  switch (kind) {
    case "array":
      return equalItems(value as readonly unknown[], copy as readonly unknown[]);
    case "object":
      return equalFields(value, copy);
    case "Map":
      return equalEntries(
        value as ReadonlyMap<unknown, unknown>,
        copy as ReadonlyMap<unknown, unknown>,
      );
    case "Set":
      return equalItems([...(value as ReadonlySet<unknown>)], [...(copy as ReadonlySet<unknown>)]);
    case undefined:
      return sameAtom(value as Value, copy as Value);
  }
}

function equalItems(items: readonly unknown[], copies: readonly unknown[]): boolean {
  if (items.length !== copies.length) return false;
  return copies.every((copy, at) => {
    const item = items[at];
    // A hole is refused, wherever one comes from.
    return isEqual(item, copy) && (item !== undefined || Object.hasOwn(items, at));
  });
}

function equalFields(value: object, copy: object): boolean {
  const keys = Object.keys(copy);
  // Symbols are refused.
  if (Object.getOwnPropertySymbols(value).length > 0) return false;
  if (Object.keys(value).length !== keys.length) return false;
  return keys.every(
    (key) => Object.hasOwn(value, key) && isEqual(Reflect.get(value, key), Reflect.get(copy, key)),
  );
}

/** In the same order, which is state. */
function equalEntries(
  entries: ReadonlyMap<unknown, unknown>,
  copies: ReadonlyMap<unknown, unknown>,
): boolean {
  if (entries.size !== copies.size) return false;
  const others = copies.entries();
  for (const [key, value] of entries) {
    const { value: other } = others.next();
    if (!other || !Object.is(key, other[0]) || !isEqual(value, other[1])) return false;
  }
  return true;
}
