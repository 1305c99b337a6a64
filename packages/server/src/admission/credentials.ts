/** What a request to connect brings along in `Sec-WebSocket-Protocol`: never in a URL, which ends up in logs. */
export interface Credentials {
  /** The subprotocol to agree to: a browser gives up on a socket whose offer is not taken. */
  readonly protocol: string | undefined;
  /** The app's own token, for `authenticate`. */
  readonly token: string | undefined;
  /** A session that does not travel as a cookie. */
  readonly session: string | undefined;
}

const PROTOCOL = /^holdfast\.\d+$/;
const TOKEN = "holdfast.token.";
const SESSION = "holdfast.session.";

/** Reads the offered subprotocols: `holdfast.<number>`, `holdfast.token.…`, `holdfast.session.…`. */
export function credentialsOf(request: Request): Credentials {
  const offered = (request.headers.get("Sec-WebSocket-Protocol") ?? "")
    .split(",")
    .map((name) => name.trim());
  const behind = (prefix: string): string | undefined =>
    offered.find((name) => name.startsWith(prefix))?.slice(prefix.length);
  return {
    protocol: offered.find((name) => PROTOCOL.test(name)),
    token: decodeToken(behind(TOKEN)),
    session: behind(SESSION),
  };
}

/** The token, from the base64url of its UTF-8; what is none counts as an empty one. */
function decodeToken(encoded: string | undefined): string | undefined {
  if (encoded === undefined) return undefined;
  try {
    const binary = atob(encoded.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return "";
  }
}

/**
 * The request as `authenticate` gets it: the token as `Authorization: Bearer`, and nothing of the
 * subprotocols. Without an Origin there are no cookies: whoever sends them may not be who made them.
 */
export function requestToAuthenticate(request: Request, { token }: Credentials): Request {
  const headers = new Headers(request.headers);
  for (const name of ["Sec-WebSocket-Protocol", "Upgrade", "Connection"]) headers.delete(name);
  if (!headers.has("Origin")) headers.delete("Cookie");
  // Never what the client itself has put there: the token has one way in.
  headers.delete("Authorization");
  if (token !== undefined) headers.set("Authorization", `Bearer ${headerSafe(token)}`);
  return new Request(request.url, { headers });
}

/** A header holds Latin-1 without line breaks; a token that is anything else is nobody's. */
function headerSafe(token: string): string {
  return /^[\x21-\x7e]*$/.test(token) ? token : "";
}
