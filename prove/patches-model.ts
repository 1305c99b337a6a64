/**
 * What tracked state promises, said once more on plain data and without looking at how the tracker
 * does it: a value that is assigned is copied, unless it is a part of the state that was taken out
 * before, which is moved. Reachability is found by searching, and undo by copying.
 */
export type Container = Record<string, unknown> | unknown[] | Map<unknown, unknown> | Set<unknown>;

export class Model {
  readonly root: Container;
  /** Every container that is or was part of the state, with the one that it was put into last. */
  readonly #owners = new Map<object, Container | undefined>();

  constructor(root: Container) {
    this.root = root;
    this.#register(root, undefined);
  }

  /** What goes into `container`, in place of `replaced`, when `values` are assigned in one go. */
  take(values: readonly unknown[], container: Container, replaced?: unknown): unknown[] {
    const attached = reachable(this.root);
    const moved = new Set<unknown>();
    const seen = new Set<unknown>();
    const isMovable = (node: Container): boolean =>
      !attached.has(node) &&
      !this.#isInside(node, moved) &&
      !this.#isInside(container, new Set([node]));
    const adopt = (value: unknown, heir: unknown): unknown => {
      if (!isContainer(value)) return copyAtom(value);
      if (this.#owners.has(value)) {
        const inherits = heir !== undefined && this.#owners.get(value) === heir;
        if (moved.has(value) || !(inherits || isMovable(value))) return this.#copy(value);
        moved.add(value);
        if (!inherits) this.#unshare(value, moved, seen);
        return value;
      }
      const isReplaced = sameKind(value, replaced) && this.#owners.get(replaced) === container;
      const heirOfChildren = isReplaced ? replaced : undefined;
      const isTop = values.includes(value);
      const fresh = mapChildren(value, (child) => adopt(child, isTop ? heirOfChildren : undefined));
      this.#owners.set(fresh, undefined);
      for (const child of childrenOf(fresh)) this.#owners.set(child, fresh);
      return fresh;
    };
    const taken = values.map((value) => adopt(value, undefined));
    for (const value of taken) if (isContainer(value)) this.#owners.set(value, container);
    return taken;
  }

  /** Called with what was removed from a container. */
  dropped(values: readonly unknown[], container: Container): void {
    for (const value of values) {
      // True because only what was registered was removed.
      if (isContainer(value) && this.#owners.get(value) === container) {
        if (!childrenOf(container).includes(value)) this.#owners.set(value, undefined);
      }
    }
  }

  /** What a moved part holds twice, or holds but what was moved elsewhere since, becomes a copy. */
  #unshare(node: Container, moved: ReadonlySet<unknown>, seen: Set<unknown>): void {
    replaceChildren(node, (child) => {
      if (moved.has(child) || seen.has(child) || this.#owners.get(child) !== node) {
        const copy = this.#copy(child);
        this.#owners.set(copy, node);
        return copy;
      }
      seen.add(child);
      this.#unshare(child, moved, seen);
      return child;
    });
  }

  #copy(node: Container): Container {
    const copy = mapChildren(node, (child) =>
      isContainer(child) ? this.#copy(child) : copyAtom(child),
    );
    this.#register(copy, undefined);
    return copy;
  }

  #register(node: Container, owner: Container | undefined): void {
    this.#owners.set(node, owner);
    for (const child of childrenOf(node)) this.#register(child, node);
  }

  #isInside(node: Container, others: ReadonlySet<unknown>): boolean {
    for (let at: Container | undefined = node; at; at = this.#owners.get(at)) {
      if (others.has(at)) return true;
    }
    return false;
  }
}

export function isContainer(value: unknown): value is Container {
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value) || value instanceof Map || value instanceof Set) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

export function childrenOf(node: Container): Container[] {
  if (Array.isArray(node)) return node.filter(isContainer);
  if (node instanceof Map) return [...node.values()].filter(isContainer);
  return node instanceof Set ? [] : Object.values(node).filter(isContainer);
}

export function reachable(node: Container, found: Set<unknown> = new Set()): Set<unknown> {
  found.add(node);
  for (const child of childrenOf(node)) if (!found.has(child)) reachable(child, found);
  return found;
}

function sameKind(one: Container, other: unknown): other is Container {
  return isContainer(other) && Object.getPrototypeOf(one) === Object.getPrototypeOf(other);
}

function mapChildren(node: Container, change: (child: unknown) => unknown): Container {
  if (Array.isArray(node)) return node.map(change);
  if (node instanceof Map) return new Map([...node].map(([key, child]) => [key, change(child)]));
  if (node instanceof Set) return new Set(node);
  return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, change(child)]));
}

function replaceChildren(node: Container, change: (child: Container) => Container): void {
  const put = (child: unknown, set: (next: unknown) => void): void => {
    if (isContainer(child)) set(change(child));
  };
  if (Array.isArray(node))
    for (const [at, child] of node.entries()) put(child, (next) => (node[at] = next));
  else if (node instanceof Map)
    for (const [key, child] of node) put(child, (next) => node.set(key, next));
  else if (!(node instanceof Set)) {
    for (const [key, child] of Object.entries(node)) put(child, (next) => (node[key] = next));
  }
}

function copyAtom(value: unknown): unknown {
  // True or harmless: structuredClone keeps every atom but a URL.
  if (value instanceof URL) return new URL(value.href);
  return typeof value === "object" && value !== null ? structuredClone(value) : value;
}
