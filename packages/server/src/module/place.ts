/**
 * Where a session is, for a module whose key is derived from its state: at an instance of its own
 * while the key is null, otherwise at that of the key.
 */
export type Place =
  | { readonly type: "session"; readonly session: string }
  | { readonly type: "key"; readonly key: string };

/** The key under which an instance is found. Injective: sessions and keys never meet. */
export function placeName(place: Place): string {
  return place.type === "session" ? `${SESSION}${place.session}` : `${KEY}${place.key}`;
}

/** The inverse of `placeName`; `undefined` for keys that it did not make. */
export function parsePlace(name: string): Place | undefined {
  if (name.startsWith(SESSION)) return { type: "session", session: name.slice(SESSION.length) };
  if (name.startsWith(KEY)) return { type: "key", key: name.slice(KEY.length) };
  return undefined;
}

const SESSION = "session:";
const KEY = "key:";
