import { isContainer } from "./patches-model.ts";
import type { Container } from "./patches-model.ts";
import { FIELDS, KEYS, plainValue } from "./patches-program.ts";
import type { Given, Step, Where } from "./patches-program.ts";

/**
 * What a program runs on: tracked state, which sees to everything itself, or the model, which has
 * to be asked what is copied and told what is removed.
 */
export interface Side {
  readonly root: Container;
  readonly held: unknown[];
  take(values: readonly unknown[], container: Container, replaced?: unknown): unknown[];
  dropped(values: readonly unknown[], container: Container): void;
  /** A plain value is assigned and then changed; to the model that is as if it were assigned again. */
  goOn(assign: () => void, change: () => void): void;
  /** Must fail on tracked state, and change nothing; nothing happens on the model. */
  refuse(attempt: () => void): void;
}

/** Runs one step, in ordinary JavaScript, the same on both sides. */
export function runStep(side: Side, step: Step): void {
  const node = find(side, step.at);
  switch (step.do) {
    case "hold":
      side.held.push(node);
      break;
    case "visit":
      visit(node);
      break;
    case "mutate":
      for (const atom of valuesOf(node)) mutate(atom);
      break;
    case "set":
      set(side, node, step.key, give(side, step.value));
      break;
    case "assign and go on":
      assignAndGoOn(side, node, step);
      break;
    case "change":
      change(side, node, step.key);
      break;
    case "delete":
      remove(side, node, step.key);
      break;
    case "again":
      again(side, node, step.key);
      break;
    case "clear":
      clear(side, node);
      break;
    case "splice":
      if (Array.isArray(node)) splice(side, node, step);
      break;
    case "arrange":
      if (Array.isArray(node)) arrange(side, node, step.how, step.key);
      break;
    case "derive":
      derive(side, node, step);
      break;
    case "refused":
      side.refuse(() => refused(side, node, step.key));
      break;
  }
}

function find(side: Side, { from, choices }: Where): Container {
  const held = side.held.filter(isContainer);
  let node = from === 0 ? side.root : (held[(from - 1) % Math.max(1, held.length)] ?? side.root);
  for (const choice of choices) {
    const children = node instanceof Set ? [] : valuesOf(node).filter(isContainer);
    node = children[choice % (children.length + 1)] ?? node;
  }
  return node;
}

function give(side: Side, given: Given): unknown {
  if (given.is === "plain") return plainValue(given.seed);
  if (given.is === "part") return find(side, given.at);
  const parts = given.parts.map((where) => find(side, where));
  const plain = plainValue(given.seed);
  if (given.shape === 0) return [...parts, plain];
  if (given.shape === 1) return { a: plain, b: parts[0], c: [...parts] };
  return new Map<unknown, unknown>([
    ["a", plain],
    ...parts.map((part, key) => [key, part] as const),
  ]);
}

function set(side: Side, node: Container, choice: number, value: unknown): void {
  if (node instanceof Set) {
    node.add(pick(KEYS, choice));
    return;
  }
  const key = keyOf(node, choice);
  const before = get(node, key);
  // Where it stands already: nothing happens.
  if (isContainer(value) && value === before) return;
  const [taken] = side.take([value], node, before);
  put(node, key, taken);
  side.dropped([before], node);
}

/** `(state.x ??= []).push(value)`, and everything that is like it. */
function assignAndGoOn(
  side: Side,
  node: Container,
  { key: choice, seed, part }: Step & { do: "assign and go on" },
): void {
  if (node instanceof Set) return;
  const plain = plainValue(seed, 3);
  if (!isContainer(plain)) return;
  const key = keyOf(node, choice);
  const more = part ? find(side, part) : plainValue(seed + 1);
  side.goOn(
    () => {
      const before = get(node, key);
      const [taken] = side.take([plain], node, before);
      put(node, key, taken);
      side.dropped([before], node);
    },
    () => grow(plain, more, choice),
  );
  // Parts of the state are moved or copied once it is read: on the model that was just now.
  if (part || choice % 4 === 0) get(node, key);
}

/** Changes a plain value, at its top or somewhere inside. */
function grow(plain: Container, more: unknown, choice: number): void {
  const inside = plain instanceof Set ? [] : valuesOf(plain).filter(isContainer);
  const inner = inside[choice % (inside.length + 1)];
  if (inner) grow(inner, more, choice >> 1);
  else if (Array.isArray(plain)) {
    if (choice % 3 === 0) plain.shift();
    plain.push(more);
  } else if (plain instanceof Set) plain.add(pick(KEYS, choice));
  else {
    for (const atom of valuesOf(plain)) mutate(atom);
    const key = choice % 2 === 0 ? existingKey(plain, choice) : keyOf(plain, choice);
    if (choice % 5 === 0 && plain instanceof Map) plain.delete(key);
    put(plain, key, more);
  }
}

function change(side: Side, node: Container, choice: number): void {
  if (choice % 5 === 0) bump(node);
  if (node instanceof Set) return;
  const key = existingKey(node, choice);
  const before = get(node, key);
  if (typeof before === "number") put(node, key, before + 1);
  else if (typeof before === "string") put(node, key, before + pick(["!", "", "ab"], choice));
  else if (typeof before === "boolean") put(node, key, !before);
  else if (!isContainer(before) && has(node, key)) {
    // Set, and set back: net zero.
    put(node, key, "for a moment");
    put(node, key, side.take([before], node)[0]);
  }
}

/** Changes every number below, so that many small patches compete with few large ones. */
function bump(node: Container): void {
  if (node instanceof Set) return;
  const keys = Array.isArray(node) || node instanceof Map ? [...node.keys()] : Object.keys(node);
  for (const key of keys) {
    const value = get(node, key);
    if (typeof value === "number") put(node, key, value + 1);
    else if (isContainer(value)) bump(value);
  }
}

function remove(side: Side, node: Container, choice: number): void {
  if (Array.isArray(node)) {
    const removed = choice % 2 === 0 ? node.pop() : node.shift();
    side.dropped([removed], node);
    side.held.push(removed);
  } else if (node instanceof Set) node.delete(pick([...node], choice));
  else {
    const key = existingKey(node, choice);
    const before = get(node, key);
    side.held.push(before);
    if (node instanceof Map) node.delete(key);
    // True because objects have string keys.
    else if (has(node, key)) delete node[key as string];
    side.dropped([before], node);
  }
}

/** Takes out a few and puts them back: at the same place, in another order, or further behind. */
function again(side: Side, node: Container, choice: number): void {
  if (Array.isArray(node)) {
    const taken = node.splice(choice % (node.length + 1), 1 + (choice % 2));
    side.dropped(taken, node);
    const index = choice % 3 === 0 ? node.length : choice % (node.length + 1);
    node.splice(index, 0, ...side.take(taken, node));
  } else if (node instanceof Map || node instanceof Set) {
    const all = [...node.keys()];
    const from = choice % 2 === 0 ? choice % 5 : Math.max(0, all.length - 1 - (choice % 3));
    const keys = all.slice(from, from + 1 + (choice % 3));
    const values = keys.map((key) => (node instanceof Map ? node.get(key) : undefined));
    for (const key of keys) node.delete(key);
    side.dropped(values, node);
    if (choice % 4 === 0) keys.reverse();
    for (const [at, key] of keys.entries()) {
      if (node instanceof Set) node.add(key);
      else node.set(key, side.take([choice % 4 === 0 ? at : values[at]], node)[0]);
    }
  }
}

function clear(side: Side, node: Container): void {
  const values = node instanceof Set ? [] : valuesOf(node);
  side.held.push(...values);
  if (node instanceof Map || node instanceof Set) node.clear();
  else if (Array.isArray(node)) node.length = Math.floor(node.length / 2);
  side.dropped(values, node);
}

function splice(side: Side, node: unknown[], step: Step & { do: "splice" }): void {
  const values = step.values.map((value) => give(side, value));
  const index =
    step.index < 0 ? Math.max(0, node.length + step.index) : Math.min(step.index, node.length);
  const before = [...node];
  const taken = (): unknown[] => side.take(values, node);
  switch (step.how) {
    case 0:
    case 1:
      node.push(...taken());
      break;
    case 2:
      node.unshift(...taken());
      break;
    case 3: {
      const copies = Array.from(
        { length: Math.min(step.count, node.length - index) },
        () => values[0],
      );
      const filling = side.take(copies, node);
      // One call on tracked state; what it puts at each place is what the model was given.
      if (filling.every((value) => value === values[0]))
        node.fill(values[0], index, index + copies.length);
      else for (const [at, value] of filling.entries()) node[index + at] = value;
      break;
    }
    case 4:
      side.held.push(node.shift());
      node.push(...taken());
      break;
    default:
      side.held.push(...node.splice(index, step.count, ...taken()));
  }
  side.dropped(before, node);
}

function arrange(side: Side, node: unknown[], how: number, choice: number): void {
  const before = [...node];
  if (how === 0) node.reverse();
  else if (how === 1) node.sort((one, other) => compareLoosely(one, other));
  else if (how === 2) node.sort((one, other) => compareLoosely(other, one));
  else if (how === 3 && node.length > 1) {
    const from = choice % node.length;
    const [moved] = node.splice(from, 1);
    side.dropped([moved], node);
    node.splice((from * 3 + choice) % (node.length + 1), 0, ...side.take([moved], node));
  } else if (how === 4) {
    const items = node.slice(1, 3);
    const copies = side.take(items.slice(0, Math.max(0, Math.min(2, node.length - 1))), node);
    if (copies.every((copy, at) => copy === items[at])) node.copyWithin(0, 1, 3);
    else for (const [at, copy] of copies.entries()) node[at] = copy;
  } else if (how === 5 && node.length > 1) {
    const last = node.length - 1;
    const [first, final] = [node[0], node[last]];
    set(side, node, 0, final);
    set(side, node, last, first);
  }
  side.dropped(before, node);
}

/** What React code does: a new value made of the old one takes its place. */
function derive(side: Side, parent: Container, step: Step & { do: "derive" }): void {
  if (parent instanceof Set) return;
  const key = existingKey(parent, step.key);
  const old = get(parent, key);
  if (!isContainer(old) || !has(parent, key)) return;
  const value = give(side, step.value);
  const next = derived(old, step.how, value);
  if (next === undefined) return;
  const [taken] = side.take([next], parent, old);
  put(parent, key, taken);
  side.dropped([old], parent);
  // The old one lives on for who holds it.
  side.held.push(old);
}

function derived(old: Container, how: number, value: unknown): unknown {
  if (Array.isArray(old)) {
    switch (how) {
      case 0:
        return old.filter((_, at) => at % 3 !== 0);
      case 1:
        return [...old, value];
      case 2:
        return [value, ...old];
      case 3:
        return old.map((item, at) => (at === 0 && isRecord(item) ? { ...item, a: value } : item));
      case 4:
        return old.toReversed();
      case 5:
        return old.toSorted(compareLoosely);
      case 6:
        return old.slice(1);
      case 7:
        return old.concat([value], [old[0]]);
      case 8:
        return old.toSpliced(1, 1, value);
      case 9:
        return old.flatMap((item) => [item, 1]);
      case 10:
        return [...old];
      default:
        return old.map((item) => (isRecord(item) ? { ...item } : item));
    }
  }
  if (old instanceof Map) {
    if (how % 4 === 0) return new Map([...old].filter((_, at) => at !== 0));
    if (how % 4 === 1) return new Map([...old, ["c", value]]);
    if (how % 4 === 2) return new Map([...old].reverse());
    return new Map(old);
  }
  if (old instanceof Set) {
    return how % 2 === 0 ? new Set([...old, "c"]) : new Set([...old].slice(1));
  }
  return how % 2 === 0 ? { ...old, a: value } : { ...old };
}

/** An assignment that has to be refused, with a part in it that must not be moved by it. */
function refused(side: Side, node: Container, choice: number): void {
  const part = find(side, { from: 1 + (choice % 5), choices: [] });
  const bad = pick(
    [() => 1, Symbol("s"), new (class Foreign {})(), new WeakMap(), sparse()],
    choice,
  );
  if (node instanceof Set) node.add(bad);
  else if (Array.isArray(node)) node.push(part, bad);
  else if (node instanceof Map) node.set("a", [part, bad]);
  else node["a"] = { part, bad };
}

function sparse(): unknown[] {
  const items: unknown[] = [1];
  items.length = 3;
  return items;
}

function mutate(atom: unknown): void {
  if (atom instanceof Date) atom.setTime(Number.isNaN(atom.getTime()) ? 7 : atom.getTime() + 1);
  else if (atom instanceof URL) atom.hash = `${atom.hash}x`;
  else if (atom instanceof Uint8Array || atom instanceof Float64Array) atom[0] = (atom[0] ?? 0) + 1;
}

/** Reads all of it, and leaves everything touched. */
function visit(value: unknown): void {
  if (!isContainer(value)) return;
  for (const child of valuesOf(value)) visit(child);
}

function valuesOf(node: Container): unknown[] {
  if (Array.isArray(node) || node instanceof Set) return [...node];
  if (node instanceof Map) return [...node.values()];
  return Object.keys(node)
    .toSorted()
    .map((key) => node[key]);
}

function keyOf(node: Exclude<Container, Set<unknown>>, choice: number): unknown {
  if (Array.isArray(node)) return choice % (node.length + 1);
  return node instanceof Map ? pick(KEYS, choice) : pick(FIELDS, choice);
}

function existingKey(node: Exclude<Container, Set<unknown>>, choice: number): unknown {
  if (Array.isArray(node)) return choice % Math.max(1, node.length);
  const keys = node instanceof Map ? [...node.keys()] : Object.keys(node).toSorted();
  return keys.length === 0 ? keyOf(node, choice) : pick(keys, choice);
}

/** The casts of these three are true because `keyOf` gives keys that fit the container. */
function has(node: Exclude<Container, Set<unknown>>, key: unknown): boolean {
  return node instanceof Map ? node.has(key) : Object.hasOwn(node, key as string);
}

function get(node: Exclude<Container, Set<unknown>>, key: unknown): unknown {
  if (node instanceof Map) return node.get(key);
  return has(node, key) ? (node as Record<string, unknown>)[key as string] : undefined;
}

function put(node: Exclude<Container, Set<unknown>>, key: unknown, value: unknown): void {
  if (node instanceof Map) node.set(key, value);
  else (node as Record<string, unknown>)[key as string] = value;
}

function pick<T>(items: readonly T[], choice: number): T {
  // True wherever there is something to pick from; otherwise nothing comes of it.
  return items[choice % items.length] as T;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return (
    isContainer(value) &&
    !Array.isArray(value) &&
    !(value instanceof Map) &&
    !(value instanceof Set)
  );
}

/** An order for values of any kind that both sides agree on. */
function compareLoosely(one: unknown, other: unknown): number {
  return rank(one) - rank(other);
}

function rank(value: unknown): number {
  if (typeof value === "number") return Number.isFinite(value) ? value : 100;
  if (isRecord(value)) return typeof value["id"] === "number" ? value["id"] : 50;
  return Array.isArray(value) ? value.length : 60;
}
