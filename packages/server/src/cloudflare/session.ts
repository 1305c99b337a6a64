import { randomToken } from "@holdfast/protocol";

/** 132 random bits. */
const ID_CHARACTERS = 22;
const COOKIE = "holdfast_session";
/** Readable by the page: names the principal by hash only, so that it finds its own cache. */
const PRINCIPAL_COOKIE = "holdfast_principal";
const MAX_AGE_SECONDS = 400 * 24 * 60 * 60;

/** Mints sessions and tells its own from forged ones. */
export class Sessions {
  readonly #keys: readonly [CryptoKey, ...CryptoKey[]];

  private constructor(keys: readonly [CryptoKey, ...CryptoKey[]]) {
    this.#keys = keys;
  }

  /** @param secrets newest first: the first signs, all of them verify */
  static async open(secrets: readonly [string, ...string[]]): Promise<Sessions> {
    const [newest, ...older] = secrets;
    return new Sessions([await importKey(newest), ...(await Promise.all(older.map(importKey)))]);
  }

  /** The id of the session that the request's cookie proves; `undefined` when it proves none. */
  async verify(request: Request): Promise<string | undefined> {
    const value = cookieOf(request, COOKIE);
    const dot = value?.indexOf(".") ?? -1;
    if (!value || dot === -1) return undefined;
    const id = value.slice(0, dot);
    const signature = fromBase64Url(value.slice(dot + 1));
    if (!signature) return undefined;
    for (const key of this.#keys) {
      // Compares in constant time.
      if (await crypto.subtle.verify("HMAC", key, signature, signedBytes(id))) return id;
    }
    return undefined;
  }

  /** The `Set-Cookie` values of a new session. */
  async mint(secure: boolean): Promise<readonly string[]> {
    const id = randomToken(ID_CHARACTERS);
    const signature = await crypto.subtle.sign("HMAC", this.#keys[0], signedBytes(id));
    const attributes = `Path=/; SameSite=Lax; Max-Age=${MAX_AGE_SECONDS}${secure ? "; Secure" : ""}`;
    return [
      `${COOKIE}=${id}.${toBase64Url(signature)}; HttpOnly; ${attributes}`,
      `${PRINCIPAL_COOKIE}=${await principalHash(id)}; ${attributes}`,
    ];
  }
}

/** Keyed by purpose: a signature made for something else never passes for a session's. */
function signedBytes(id: string): Uint8Array {
  return new TextEncoder().encode(`holdfast session ${id}`);
}

async function principalHash(id: string): Promise<string> {
  const bytes = new TextEncoder().encode(`holdfast principal ${id}`);
  return toBase64Url(await crypto.subtle.digest("SHA-256", bytes)).slice(0, ID_CHARACTERS);
}

function importKey(secret: string): Promise<CryptoKey> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const bytes = new TextEncoder().encode(secret);
  return crypto.subtle.importKey("raw", bytes, algorithm, false, ["sign", "verify"]);
}

function cookieOf(request: Request, name: string): string | undefined {
  for (const part of request.headers.get("Cookie")?.split(";") ?? []) {
    const equals = part.indexOf("=");
    if (equals !== -1 && part.slice(0, equals).trim() === name)
      return part.slice(equals + 1).trim();
  }
  return undefined;
}

function toBase64Url(bytes: ArrayBuffer): string {
  return btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

function fromBase64Url(text: string): Uint8Array | undefined {
  if (!/^[\w-]{43}$/.test(text)) return undefined;
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
