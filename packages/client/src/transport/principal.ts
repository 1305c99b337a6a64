import type { Environment } from "../environment.ts";

/** The server's readable cookie: names the principal by a hash (docs/protocol.md, P3). */
const COOKIE = /(?:^|; *)holdfast_principal=([^;]+)/;

/** Says on whose behalf the page acts: a name of the user's that is nobody else's. */
export type PrincipalSource = string | (() => string | null | undefined);

/**
 * Names the principal; `undefined` while nobody does. The cookie speaks for the page's own server
 * only: another one's is not to be read from here. A session that is no cookie speaks for itself.
 */
export function namePrincipal(
  { cookies }: Environment,
  source: PrincipalSource | undefined,
  isOwnServer: boolean,
  session?: string,
): string | undefined {
  const named = typeof source === "function" ? source() : source;
  // Of the text, the id, which proves nothing by itself.
  const id = session?.split(".")[0];
  return named ?? id ?? (isOwnServer ? COOKIE.exec(cookies ?? "")?.[1] : undefined);
}
