import { randomToken } from "@holdfast/protocol";

/** 132 random bits. */
const ID_CHARACTERS = 22;
const COOKIE = "holdfast_session";
/** Readable by the page: names the principal by hash only, so that it finds its own cache. */
const PRINCIPAL_COOKIE = "holdfast_principal";
/** As long as browsers keep a cookie at most. */
export const MAX_AGE_SECONDS: number = 400 * 24 * 60 * 60;

/** A session that was proven. */
export interface VerifiedSession {
  readonly id: string;
  /** It is in the second half of its time: whoever asks for a session gets it renewed. */
  readonly isOld: boolean;
}

/**
 * Mints sessions and tells its own from forged ones. A session is an id and the second when it runs
 * out, signed together: `<id>.<seconds in base 36>.<signature>`. Nothing of it is stored anywhere.
 */
export class Sessions {
  readonly #keys: readonly [CryptoKey, ...CryptoKey[]];
  readonly #maxAgeSeconds: number;
  readonly #now: () => number;

  private constructor(
    keys: readonly [CryptoKey, ...CryptoKey[]],
    maxAgeSeconds: number,
    now: () => number,
  ) {
    this.#keys = keys;
    this.#maxAgeSeconds = maxAgeSeconds;
    this.#now = now;
  }

  /** @param secrets newest first: the first signs, all of them verify */
  static async open(
    secrets: readonly [string, ...string[]],
    maxAgeSeconds: number = MAX_AGE_SECONDS,
    now: () => number = Date.now,
  ): Promise<Sessions> {
    const [newest, ...older] = secrets;
    const keys = [await importKey(newest), ...(await Promise.all(older.map(importKey)))] as const;
    return new Sessions(keys, maxAgeSeconds, now);
  }

  /** The session that the request's cookie proves; `undefined` when it proves none. */
  verifyCookie(request: Request): Promise<VerifiedSession | undefined> {
    return this.verify(cookieOf(request, COOKIE));
  }

  /** The session that a text proves; `undefined` for one that is forged, foreign or expired. */
  async verify(token: string | undefined): Promise<VerifiedSession | undefined> {
    const [, id, expires, signed] = SHAPE.exec(token ?? "") ?? [];
    if (id === undefined || expires === undefined || signed === undefined) return undefined;
    const signature = fromBase64Url(signed);
    const bytes = signedBytes(id, expires);
    for (const key of this.#keys) {
      // Compares in constant time.
      if (!(await crypto.subtle.verify("HMAC", key, signature, bytes))) continue;
      const left = Number.parseInt(expires, 36) - this.#now() / 1_000;
      return left > 0 ? { id, isOld: left < this.#maxAgeSeconds / 2 } : undefined;
    }
    return undefined;
  }

  /** The signed text of a new session, or of one that is renewed: its id stays. */
  async mint(id: string = randomToken(ID_CHARACTERS)): Promise<string> {
    const expires = Math.floor(this.#now() / 1_000 + this.#maxAgeSeconds).toString(36);
    const bytes = signedBytes(id, expires);
    const signature = await crypto.subtle.sign("HMAC", this.#keys[0], bytes);
    return `${id}.${expires}.${toBase64Url(signature)}`;
  }

  /** The `Set-Cookie` values of a session that was minted. */
  async cookies(token: string, secure: boolean): Promise<readonly string[]> {
    const id = token.slice(0, token.indexOf("."));
    const attributes = `Path=/; SameSite=Lax; Max-Age=${this.#maxAgeSeconds}${secure ? "; Secure" : ""}`;
    return [
      `${COOKIE}=${token}; HttpOnly; ${attributes}`,
      `${PRINCIPAL_COOKIE}=${await principalHash(id)}; ${attributes}`,
    ];
  }
}

/**
 * The sessions of a server.
 *
 * @param configured `HOLDFAST_SECRET`: one secret, or several with commas or spaces between, newest first
 * @param generated asked where none is configured
 */
export async function openSessions(
  configured: unknown,
  generated: () => string | Promise<string>,
  maxAgeSeconds: number | undefined,
): Promise<Sessions> {
  const text = typeof configured === "string" ? configured : "";
  const [newest, ...older] = text.split(/[\s,]+/).filter(Boolean);
  return Sessions.open(newest ? [newest, ...older] : [await generated()], maxAgeSeconds);
}

/** Nothing that a path, a name or a separator could be made of, whatever the signature says. */
const SHAPE = /^([\w-]{22})\.([0-9a-z]{1,11})\.([\w-]{43})$/;

/** Keyed by purpose: a signature made for something else never passes for a session's. */
function signedBytes(id: string, expires: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`holdfast session ${id} ${expires}`);
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

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
