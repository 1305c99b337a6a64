import fc from "fast-check";
import { cloneValue } from "../codec/clone-value.ts";
import { kindOf } from "../codec/kind-of.ts";
import type { Patch } from "../patch.ts";
import type { Primitive, Value } from "../value.ts";
import { keys, primitives, values } from "./arbitraries.fixture.ts";

const UNSPEAKABLE = "__proto__";

/** What a program of patches does to a state: the patches, and what a plain model says of them. */
export type Program = (state: Value) => { readonly patches: Patch[]; readonly outcome: Value };

/**
 * Random programs of up to `steps` patches that all fit. The model changes a copy with ordinary
 * JavaScript and shares no code with `applyPatches`.
 */
export function randomPatches(steps: number): fc.Arbitrary<Program> {
  const step = fc.record({
    choices: fc.array(fc.nat(), { minLength: 12, maxLength: 12 }),
    // As patches are when they were decoded: without objects that have no prototype.
    value: values.map((value) => cloneValue(value)),
    key: keys,
    // A Map may have this key, but no path may hold it (P70).
    primitive: primitives.filter((one) => one !== UNSPEAKABLE),
  });
  return fc.array(step, { maxLength: steps }).map((program) => (state: Value) => {
    const holder: { root: Value } = { root: cloneValue(state) };
    const patches = program.flatMap((one) => {
      const patch = makePatch(holder, one);
      return patch ? [patch] : [];
    });
    return { patches, outcome: holder.root };
  });
}

interface Step {
  readonly choices: readonly number[];
  readonly value: Value;
  readonly key: string;
  readonly primitive: Primitive;
}

/** Makes a patch for a place of the state, and does to the state what it says. */
function makePatch(holder: { root: Value }, step: Step): Patch | undefined {
  const choices = [...step.choices];
  const pick = (count: number): number => (choices.pop() ?? 0) % count;
  // `any` in this function: the kind says what each node is, and this is a test's model.
  let node: any = holder.root;
  let set: (value: Value) => void = (value) => {
    holder.root = value;
  };
  const path: Primitive[] = [];
  for (let hops = pick(4); hops > 0; hops--) {
    const parent = node;
    const places = placesOf(parent);
    if (places.length === 0) break;
    const place = places[pick(places.length)] as Primitive;
    path.push(place);
    node = parent instanceof Map ? parent.get(place) : parent[place as string];
    set = (value) => {
      if (parent instanceof Map) parent.set(place, value);
      else parent[place as string] = value;
    };
  }
  const places = placesOf(node);
  const value = cloneValue(step.value);
  if (pick(6) === 0) {
    set(value);
    return { op: "replace", path, value: step.value };
  }
  switch (kindOf(node)) {
    case "string":
      set(node + step.key);
      return { op: "append", path, value: step.key };
    case "object":
    case "Map": {
      const isMap = node instanceof Map;
      const place = isMap ? step.primitive : step.key;
      const has = isMap ? node.has(place) : Object.hasOwn(node, place as string);
      if (isMap && pick(4) === 0) return reorder(node, path, pick);
      if (!has) {
        if (isMap) node.set(place, value);
        else node[place as string] = value;
        return { op: "add", path: [...path, place], value: step.value };
      }
      const victim = places[pick(places.length)] as Primitive;
      if (isMap) node.delete(victim);
      else delete node[victim as string];
      return { op: "remove", path: [...path, victim] };
    }
    case "array": {
      const index = pick(node.length + 1);
      const removable = pick(node.length - index + 1);
      const way = pick(4);
      if (way === 0) {
        node.splice(index, 0, value);
        return { op: "add", path: [...path, index], value: step.value };
      }
      if (way === 1 && index < node.length) {
        node.splice(index, 1);
        return { op: "remove", path: [...path, index] };
      }
      if (way === 2) return reorder(node, path, pick);
      node.splice(index, removable, value, step.primitive);
      return { op: "splice", path, index, remove: removable, value: [step.value, step.primitive] };
    }
    case "Set": {
      if (pick(3) === 0) return reorder(node, path, pick);
      const remove = [...node].filter(() => pick(2) === 0) as Primitive[];
      for (const member of remove) node.delete(member);
      const added = [step.key, step.primitive].filter(
        (member, index, all) =>
          !node.has(member) && all.findIndex((other) => new Set([other]).has(member)) === index,
      );
      for (const member of added) node.add(member);
      return { op: "members", path, remove, value: added };
    }
    default:
      return undefined;
  }
}

/** Where a path can go from here. */
function placesOf(node: unknown): Primitive[] {
  switch (kindOf(node)) {
    // The casts are true because the kind says so.
    case "object":
      return Object.keys(node as object);
    case "array":
      return [...(node as unknown[]).keys()];
    case "Map":
      return [...(node as Map<Primitive, unknown>).keys()].filter((key) => key !== UNSPEAKABLE);
    default:
      return [];
  }
}

/** `any`: an array, a Map or a Set, as the caller has found out. */
function reorder(node: any, path: Primitive[], pick: (count: number) => number): Patch {
  const items = [...node];
  const permutation = [...items.keys()];
  for (let index = permutation.length - 1; index > 0; index--) {
    const other = pick(index + 1);
    [permutation[index], permutation[other]] = [permutation[other]!, permutation[index]!];
  }
  const ordered = permutation.map((place) => items[place]);
  if (Array.isArray(node)) node.splice(0, node.length, ...ordered);
  else {
    node.clear();
    for (const item of ordered) {
      if (node instanceof Map) node.set(item[0], item[1]);
      else node.add(item);
    }
  }
  return { op: "order", path, permutation };
}
