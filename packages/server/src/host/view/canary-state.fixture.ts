import { kindOf, type Primitive, type Value } from "@holdfast/protocol";
import { ANY, type PathPattern } from "../../module/path-pattern.ts";
import type { ViewRules } from "../../module/view.ts";
import type { Random } from "../../storage/random-patches.fixture.ts";

/** Makes states in which every text is one of a kind, and changes them at random. */
export class CanaryState {
  readonly #random: Random;
  #canaries = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  canary(): string {
    return `~${(this.#canaries++).toString(36)}~`;
  }

  value(depth: number): Value {
    const random = this.#random;
    const kind = depth === 0 ? 0 : random(7);
    const many = (): number => random(5);
    if (kind <= 1) return this.canary();
    if (kind === 2) return random(3) === 0 ? null : this.canary();
    if (kind === 3) return this.#list(many(), () => this.value(depth - 1));
    if (kind === 4) return new Map(this.#list(many(), () => [this.key(), this.value(depth - 1)]));
    if (kind === 5) return new Set(this.#list(many(), () => this.member()));
    return Object.fromEntries(
      this.#list(many(), () => [String(this.key()), this.value(depth - 1)] as const),
    );
  }

  /** Few of them come again, so that patterns meet them; the others are canaries. */
  key(): string | number {
    const random = this.#random;
    if (random(4) === 0) return this.canary();
    return ["a", "b", "c", "1", 0, 1, 2][random(7)] as string | number;
  }

  member(): Primitive {
    return this.#random(3) === 0 ? this.key() : this.canary();
  }

  /** One change somewhere in a tracked state. */
  mutate(state: object): void {
    const random = this.#random;
    let node: unknown = state;
    // Deeper places are changed more often than the few above them.
    for (let depth = 0; depth < 4 && random(5) > 0; depth++) {
      const inner = childrenOf(node).filter(isContainer);
      if (inner.length === 0) break;
      node = inner[random(inner.length)];
    }
    this.#change(node, state);
  }

  #change(node: unknown, state: object): void {
    const random = this.#random;
    if (Array.isArray(node)) this.#changeArray(node);
    else if (node instanceof Map) this.#changeMap(node);
    else if (node instanceof Set) this.#changeSet(node);
    else {
      const object = node as Record<string, unknown>;
      const keys = Object.keys(object).filter((key) => node !== state || key !== "secret");
      const key = keys[random(keys.length || 1)];
      const chance = random(8);
      if (chance === 0 && key !== undefined && node !== state) delete object[key];
      else if (chance <= 2 && key !== undefined && typeof object[key] === "string") {
        object[key] += this.canary();
      } else if (chance === 3 && key !== undefined && keys.length > 1) {
        // What was here goes there: a place that others see.
        const moved = object[key];
        if (node !== state) delete object[key];
        else object[key] = this.value(2);
        object[keys[random(keys.length)] as string] = moved;
      } else if (node === state)
        object[["a", "b", "c", "1", "secret"][random(5)] as string] = this.value(3);
      else object[String(this.key())] = this.value(2);
    }
  }

  #changeArray(node: unknown[]): void {
    const random = this.#random;
    const index = random(node.length + 1);
    switch (random(8)) {
      case 0:
        return void node.splice(index, random(3), ...this.#list(random(3), () => this.value(2)));
      case 1:
        return void node.reverse();
      case 2:
        return void node.sort((a, b) => (weigh(a) < weigh(b) ? -1 : 1));
      case 3: {
        const [moved] = node.splice(index, 1);
        return void (moved === undefined || node.splice(random(node.length + 1), 0, moved));
      }
      case 4:
        return void node.shift();
      case 5:
        return void (index < node.length && (node[index] = this.value(2)));
      default:
        return void node.push(this.value(2));
    }
  }

  #changeMap(node: Map<Primitive, unknown>): void {
    const random = this.#random;
    const keys = [...node.keys()];
    const key = keys[random(keys.length || 1)];
    switch (random(7)) {
      case 0:
        return void node.delete(key);
      case 1: {
        const first = [...node][0];
        if (!first) return;
        node.delete(first[0]);
        return void node.set(...first);
      }
      case 2: {
        // Every one anew, in another order: worth an `order`.
        const entries = [...node].reverse();
        for (const [one] of entries) node.delete(one);
        for (const [one, value] of entries) node.set(one, value);
        return;
      }
      case 3:
        return node.clear();
      default:
        return void node.set(this.key(), this.value(2));
    }
  }

  #changeSet(node: Set<Primitive>): void {
    const random = this.#random;
    const members = [...node];
    if (random(3) === 0) node.delete(members[random(members.length || 1)]);
    else node.add(this.member());
  }

  rules(state: Value): ViewRules {
    const random = this.#random;
    return {
      hide: this.#list(random(4), () => this.#pattern(state)),
      show: this.#list(random(3), () => this.#pattern(state)),
    };
  }

  /** A place of the state, or of one like it; some of its keys are any. */
  #pattern(state: Value): PathPattern {
    const random = this.#random;
    const path: Primitive[] = [];
    let node: unknown = state;
    const depth = 1 + random(3);
    while (path.length < depth && isContainer(node)) {
      const keys = keysOf(node);
      const key = keys.length === 0 || random(5) === 0 ? this.key() : keys[random(keys.length)];
      path.push(key);
      node = within(node, key);
    }
    if (random(2) === 0) return path.map((key) => (random(3) === 0 ? ANY : key));
    return path.map((key) => (random(3) === 0 ? "*" : String(key))).join(".");
  }

  #list<T>(count: number, make: () => T): T[] {
    return Array.from({ length: count }, make);
  }
}

/** All canaries in a text. */
export function canariesIn(text: string): string[] {
  return text.match(/~[0-9a-z]+~/g) ?? [];
}

function isContainer(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

function childrenOf(node: unknown): unknown[] {
  if (node instanceof Map) return [...node.values()];
  if (Array.isArray(node)) return [...node];
  if (node instanceof Set || typeof node !== "object" || node === null) return [];
  return Object.values(node);
}

function keysOf(node: unknown): Primitive[] {
  switch (kindOf(node)) {
    case "Map":
    case "Set":
      return [...(node as Map<Primitive, Value>).keys()];
    case "array":
      return (node as Value[]).map((_, index) => index);
    default:
      return Object.keys(node as object);
  }
}

function within(node: unknown, key: Primitive): unknown {
  return node instanceof Map ? node.get(key) : (node as Record<string, unknown>)[key as string];
}

function weigh(value: unknown): string {
  return typeof value === "string" ? value : String(typeof value);
}
