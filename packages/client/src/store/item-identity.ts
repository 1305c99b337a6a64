import { kindOf, type Value } from "@holdfast/protocol";

/** What tells a thing from others like it, wherever it stands: its `id`, or else its `key`. */
export function identityOf(value: Value): Value {
  if (kindOf(value) !== "object") return undefined;
  // True because it is a plain object.
  const { id, key } = value as { readonly id?: Value; readonly key?: Value };
  return id === undefined ? key : id;
}
