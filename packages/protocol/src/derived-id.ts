/**
 * The `ordinal`th random id of one action: 128 bits as 32 hex digits, the same on the client that
 * predicts the action and on the server that runs it. Mixed so that neither the client id nor the
 * sequence can be read off; the client id brings the randomness, 132 bits of it.
 */
export function derivedId(client: string, seq: number, ordinal: number): string {
  const seed = `${client}:${seq}:${ordinal}`;
  let a = 0x9e3779b9;
  let b = 0x243f6a88;
  let c = 0xb7e15162;
  let d = 0xdeadbeef;
  // Two rounds over the text, so that its first character reaches every lane as well as its last.
  for (let index = 0; index < seed.length * 2; index++) {
    const code = seed.charCodeAt(index % seed.length);
    a = b ^ Math.imul(a ^ code, 0x85ebca6b);
    b = c ^ Math.imul(b ^ code, 0xc2b2ae35);
    c = d ^ Math.imul(c ^ code, 0x27d4eb2f);
    d = a ^ Math.imul(d ^ code, 0x165667b1);
  }
  return [a ^ b, b ^ c, c ^ d, d ^ a ^ seed.length].map(hex).join("");
}

/** MurmurHash3's finalizer: every input bit flips every output bit with even chance. */
function hex(lane: number): string {
  let mixed = lane ^ (lane >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  mixed ^= mixed >>> 16;
  return (mixed >>> 0).toString(16).padStart(8, "0");
}
