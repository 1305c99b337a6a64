/**
 * Whose instance of a connection it is. Without `authenticate` a user id is only what somebody says,
 * so the session is a part of the key: whoever guesses an id opens an empty state of his own.
 */
export type ConnectionOwner =
  | { readonly type: "user"; readonly user: string }
  | { readonly type: "session"; readonly session: string; readonly user: string };

/** The key of the owner's instance. Injective: the id of a session holds no colon. */
export function connectionKey(owner: ConnectionOwner): string {
  return owner.type === "user"
    ? `${USER}${owner.user}`
    : `${SESSION}${owner.session}:${owner.user}`;
}

/** The inverse of `connectionKey`; `undefined` for keys that it did not make. */
export function parseConnectionKey(key: string): ConnectionOwner | undefined {
  if (key.startsWith(USER)) return { type: "user", user: key.slice(USER.length) };
  const colon = key.indexOf(":", SESSION.length);
  if (!key.startsWith(SESSION) || colon === -1) return undefined;
  return { type: "session", session: key.slice(SESSION.length, colon), user: key.slice(colon + 1) };
}

const USER = "user:";
const SESSION = "session:";
