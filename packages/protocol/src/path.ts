import type { Primitive } from "./value.ts";

/**
 * Where a value stands, from the root. A segment is an object's key (string), an array index
 * (number) or a Map key (any primitive, typed: `1` is not `"1"`). The container that it meets says
 * which; Set members have no path of their own.
 */
export type Path = readonly Primitive[];

/** What is behind so many characters says nothing to people any more; and a key may be a book. */
const MOST_CHARACTERS = 200;

/** `state.todos[3].title`: a path as people read it, for error messages. A long one is cut off. */
export function formatPath(path: Path, root = "state"): string {
  let text = root;
  for (const segment of path) {
    if (typeof segment !== "string")
      text += `[${String(segment)}${typeof segment === "bigint" ? "n" : ""}]`;
    else
      text += /^[A-Za-z_$][\w$]*$/.test(segment) ? `.${segment}` : `[${JSON.stringify(segment)}]`;
  }
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
}
