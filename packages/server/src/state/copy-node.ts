import { cloneValue, formatPath, HoldfastError } from "@holdfast/protocol";
import type { Path, Primitive, Value } from "@holdfast/protocol";
import { copyAtom } from "./atom.ts";
import type { AtomObject } from "./atom.ts";
import { nodeKindOf } from "./node.ts";
import type { MapNode, ObjectNode, SetNode } from "./node.ts";
import { scopeOf, targetOf } from "./tracked.ts";
import type { Scope } from "./tracked.ts";

export interface CopyOptions {
  /** The action's own view goes into the copy: of Dates and other atoms, and of what it assigned. */
  readonly scope: Scope;
  /** How deep the copy will stand, and how deep the tree may be. */
  readonly depth: number;
  readonly limit: number;
  /** Where it will stand, for the error. */
  readonly path: () => Path;
}

/**
 * A deep copy of a value of the tree, which needs no validation.
 *
 * @throws HoldfastError `VALUE_TOO_DEEP`
 */
export function copyNode(value: Value, options: CopyOptions): Value {
  return copy(value, options.depth, options);
}

/** The casts below are true because the kind says so. */
function copy(value: Value, depth: number, options: CopyOptions): Value {
  if (typeof value !== "object" || value === null) return value;
  const { scope } = options;
  const again = scope.copyAgain(value, (source) => copyPlain(source, depth, options));
  if (again !== undefined) return again;
  const kind = nodeKindOf(value);
  if (kind === undefined) return copyAtom(scope.loans.current(value as AtomObject));
  if (depth >= options.limit) refuseDepth(options.path(), options.limit);
  switch (kind) {
    case "array":
      return (value as readonly Value[]).map((item) => copy(item, depth + 1, options));
    case "object": {
      const fields: ObjectNode = { ...(value as ObjectNode) };
      for (const key of Object.keys(fields)) {
        const child = fields[key];
        if (typeof child === "object") fields[key] = copy(child, depth + 1, options);
      }
      return fields;
    }
    case "Map": {
      const entries = new Map<Primitive, Value>();
      for (const [key, child] of value as MapNode)
        entries.set(key, copy(child, depth + 1, options));
      return entries;
    }
    case "Set":
      return new Set(value as SetNode);
  }
}

/** What was assigned and changed since is copied as it is now; the tree takes it when it is seen there. */
function copyPlain(value: object, depth: number, options: CopyOptions): Value {
  const at = options.path();
  const limit = Math.min(options.limit, options.scope.depth);
  return cloneValue(value, at, {
    depth: limit - depth + at.length,
    take: (inner, level) => {
      const node = targetOf(inner);
      if (node === undefined) return undefined;
      const scope = scopeOf(inner);
      scope.copied(node);
      // True because a node of the tree is a value.
      return copy(node as Value, depth + level - at.length, { ...options, scope });
    },
  });
}

export function refuseDepth(path: Path, limit: number): never {
  throw new HoldfastError(
    "VALUE_TOO_DEEP",
    `What is assigned to ${formatPath(path)} would be nested deeper than ${limit} levels there. ` +
      "Flatten it, or refer by ids.",
  );
}
