import type { ActionOptions } from "../module/module-builder.ts";

/** What is known of one system object: an object of the class of a system. */
export interface Registry {
  /** The fields, with the values that the class gave them while it was constructed. */
  readonly fields: Map<string, unknown>;
  readonly actions: Map<string, ActionOptions>;
  /** Reads a field as it is committed; `undefined` while the object is being constructed. */
  committed: ((name: string) => unknown) | undefined;
}

const registries = new WeakMap<object, Registry>();

export function registryOf(system: object): Registry {
  let registry = registries.get(system);
  if (!registry) {
    registry = { fields: new Map(), actions: new Map(), committed: undefined };
    registries.set(system, registry);
  }
  return registry;
}
