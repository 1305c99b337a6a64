const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Asking for random bytes costs more than using them, so they are fetched by the kilobyte. */
const pool = new Uint8Array(1024);
let used = pool.length;

/** A random token of `length` characters of base64url, six unguessable bits each. */
export function randomToken(length: number): string {
  let token = "";
  for (let index = 0; index < length; index++) {
    if (used === pool.length) {
      crypto.getRandomValues(pool);
      used = 0;
    }
    token += ALPHABET.charAt((pool[used++] ?? 0) & 63);
  }
  return token;
}
