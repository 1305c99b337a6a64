/** 3 bytes make 4 characters, and `fromCharCode` takes only so many arguments. */
const SLICE_BYTES = 3 * 8_192;

export function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let start = 0; start < bytes.length; start += SLICE_BYTES) {
    text += btoa(String.fromCharCode(...bytes.subarray(start, start + SLICE_BYTES)));
  }
  return text;
}

/** Forgives blanks and missing padding. @throws DOMException for characters of no base64 */
export function fromBase64(text: string): ArrayBuffer {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0)).buffer;
}
