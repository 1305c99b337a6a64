import type { Primitive } from "./value.ts";

/**
 * Where a value stands, from the root. A segment is an object's key (string), an array index
 * (number) or a Map key (any primitive, typed: `1` is not `"1"`). The container that it meets says
 * which; Set members have no path of their own.
 */
export type Path = readonly Primitive[];

/** `state.todos[3].title`: a path as people read it, for error messages. */
export function formatPath(path: Path, root = "state"): string {
  let text = root;
  for (const segment of path) {
    if (typeof segment === "string" && /^[A-Za-z_$][\w$]*$/.test(segment)) text += `.${segment}`;
    else if (typeof segment === "string") text += `[${JSON.stringify(segment)}]`;
    else text += `[${typeof segment === "bigint" ? `${segment}n` : String(segment)}]`;
  }
  return text;
}
