import { kindOf, type Value, type ValueObject } from "@holdfast/protocol";

/**
 * Names the shape of a module's state: its version and a fingerprint of what the initial state holds
 * where, not of the values. A client that got its state under another name gets a snapshot instead of
 * patches. It guards no secret, so 32 bits of FNV-1a are enough.
 *
 * @param initial what is seen of the initial state
 * @param rules names what is seen of any other, where that is not all
 */
export function schemaId(version: number, initial: ValueObject, rules = ""): string {
  const text = JSON.stringify(shapeOf(initial)) + rules;
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return `${version}.${(hash >>> 0).toString(36)}`;
}

/** The keys of plain objects, all the way down, and what kind of value each has. */
function shapeOf(value: Value): unknown {
  const kind = kindOf(value);
  if (kind !== "object") return kind;
  // True because it is of that kind.
  return Object.entries(value as ValueObject).map(([key, child]) => [key, shapeOf(child)]);
}
