import type { Primitive, Value } from "@holdfast/protocol";
import { ABSENT } from "../node.ts";
import type { MapNode, SetNode } from "../node.ts";
import { CollectionHandler } from "../proxy/collection-handler.ts";
import { MAP_METHODS } from "../proxy/map-methods.ts";
import { SET_METHODS } from "../proxy/set-methods.ts";
import { TARGET } from "../tracked.ts";
import { EntryIterator } from "./entry-iterator.ts";
import type { IsolatedScope } from "./isolated-scope.ts";
import { isolatedScopeOf } from "./isolated-scope.ts";

/** Maps and Sets, with every read remembered and no write left out. */
class IsolatedCollectionHandler<Node extends MapNode | SetNode> extends CollectionHandler<Node> {
  readonly #scope: IsolatedScope;

  constructor(scope: IsolatedScope, methods: ReadonlyMap<unknown, unknown>, instead: string) {
    super(scope, methods, instead);
    this.#scope = scope;
  }

  override get(node: Node, key: string | symbol): unknown {
    const value = super.get(node, key);
    if (key === "size") this.#scope.reads.keys(node);
    return value;
  }
}

export function isolatedMapHandler(scope: IsolatedScope): ProxyHandler<MapNode> {
  return new IsolatedCollectionHandler<MapNode>(scope, MAPS, "set(key, value)");
}

export function isolatedSetHandler(scope: IsolatedScope): ProxyHandler<SetNode> {
  return new IsolatedCollectionHandler<SetNode>(scope, SETS, "add(member)");
}

/** A tracked Map or Set, as its methods get it for `this`. */
interface Tracked<Node> {
  readonly [TARGET]: Node;
}

type Method = (this: Tracked<MapNode & SetNode>, ...args: never[]) => unknown;

/** True because each is called on a Map or Set of its kind only, as it came. */
const asMethods = (methods: object): [string, Method][] =>
  Object.entries(methods) as [string, Method][];

const MAP_READS = {
  get: placeRead,
  has: placeRead,
  forEach: itemsRead,
  set: placeWrite,
  delete: placeWrite,
  getOrInsert: placeRead,
  getOrInsertComputed: placeRead,
  clear: wholeWrite,
} as const;

const SET_READS = {
  has: placeRead,
  add: placeWrite,
  delete: placeWrite,
  clear: wholeWrite,
} as const;

function mapKeys(this: Tracked<MapNode>): IterableIterator<unknown> {
  const scope = isolatedScopeOf(this);
  scope.reads.keys(this[TARGET]);
  return new EntryIterator(scope, this[TARGET], (key) => key);
}

function mapValues(this: Tracked<MapNode>): IterableIterator<unknown> {
  const scope = isolatedScopeOf(this);
  const node = this[TARGET];
  scope.reads.items(node);
  return new EntryIterator(scope, node, (key) => scope.wrap(node.get(key), node, key));
}

function mapEntries(this: Tracked<MapNode>): IterableIterator<unknown> {
  const scope = isolatedScopeOf(this);
  const node = this[TARGET];
  scope.reads.items(node);
  return new EntryIterator(scope, node, (key) => [key, scope.wrap(node.get(key), node, key)]);
}

function setValues(this: Tracked<SetNode>): IterableIterator<unknown> {
  const scope = isolatedScopeOf(this);
  scope.reads.keys(this[TARGET]);
  return new EntryIterator(scope, this[TARGET], (member) => member);
}

function setEntries(this: Tracked<SetNode>): IterableIterator<unknown> {
  const scope = isolatedScopeOf(this);
  scope.reads.keys(this[TARGET]);
  return new EntryIterator(scope, this[TARGET], (member) => [member, member]);
}

const MAPS: ReadonlyMap<unknown, unknown> = new Map<unknown, unknown>([
  ...asMethods(MAP_METHODS).map(([name, method]): [string, unknown] => {
    const isolate = Object.hasOwn(MAP_READS, name)
      ? // True by the check.
        MAP_READS[name as keyof typeof MAP_READS]
      : itemsRead;
    return [name, isolate(method)];
  }),
  ["keys", mapKeys],
  ["values", mapValues],
  ["entries", mapEntries],
  [Symbol.iterator, mapEntries],
]);

const SETS: ReadonlyMap<unknown, unknown> = new Map<unknown, unknown>([
  ...asMethods(SET_METHODS).map(([name, method]): [string, unknown] => {
    const isolate = Object.hasOwn(SET_READS, name)
      ? // True by the check.
        SET_READS[name as keyof typeof SET_READS]
      : keysRead;
    return [name, isolate(method)];
  }),
  ["keys", setValues],
  ["values", setValues],
  ["entries", setEntries],
  [Symbol.iterator, setValues],
]);

function placeRead(method: Method): Method {
  return function (this, ...args): unknown {
    const [key] = args as unknown as [Primitive];
    readPlace(isolatedScopeOf(this), this[TARGET], key);
    return method.apply(this, args);
  };
}

function itemsRead(method: Method): Method {
  return function (this, ...args): unknown {
    isolatedScopeOf(this).reads.items(this[TARGET]);
    return method.apply(this, args);
  };
}

function keysRead(method: Method): Method {
  return function (this, ...args): unknown {
    isolatedScopeOf(this).reads.keys(this[TARGET]);
    return method.apply(this, args);
  };
}

function placeWrite(method: Method): Method {
  return function (this, ...args): unknown {
    const scope = isolatedScopeOf(this);
    const { log } = scope;
    const before = log.runs;
    const result = method.apply(this, args);
    if (log.runs === before) scope.touch(this[TARGET], (args as unknown as [Primitive])[0]);
    return result;
  };
}

function wholeWrite(method: Method): Method {
  return function (this, ...args): unknown {
    const scope = isolatedScopeOf(this);
    const { log } = scope;
    const before = log.runs;
    const result = method.apply(this, args);
    if (log.runs === before) scope.touchAll(this[TARGET]);
    return result;
  };
}

function readPlace(scope: IsolatedScope, node: MapNode | SetNode, key: Primitive): void {
  const known: Primitive = key === 0 ? 0 : key;
  let value: Value | typeof ABSENT = ABSENT;
  if (node.has(key)) value = node instanceof Map ? node.get(key) : key;
  scope.reads.place(node, known, value);
}
