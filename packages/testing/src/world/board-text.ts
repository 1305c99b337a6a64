import { canonicalEncode } from "@holdfast/protocol";

/** Of parts that never change in place: confirmed and shown states share what no patch touched. */
const known = new WeakMap<object, string>();

/**
 * The canonical text of a state: equal exactly where the hashes are. Parts that were looked at before
 * are not looked at again, which is most of the time that a history takes; who changes a part in
 * place is found out at rest, by `freshBoardText`.
 */
export function boardText(state: unknown): string {
  return textOf(state, (part) => {
    if (typeof part !== "object" || part === null) return canonicalEncode(part);
    let text = known.get(part);
    if (text === undefined) known.set(part, (text = canonicalEncode(part)));
    return text;
  });
}

/** The same text, every part looked at. */
export function freshBoardText(state: unknown): string {
  return textOf(state, canonicalEncode);
}

function textOf(state: unknown, encode: (part: unknown) => string): string {
  // Where there is no state yet there are no parts.
  const parts = Object.entries(state ?? {}).map(
    ([key, part]) => `${JSON.stringify(key)}:${encode(part)}`,
  );
  return `{${parts.sort().join(",")}}`;
}
