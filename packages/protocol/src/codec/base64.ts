/** 3 bytes make 4 characters, and `fromCharCode` takes only so many arguments. */
const SLICE_BYTES = 3 * 8_192;

export function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let start = 0; start < bytes.length; start += SLICE_BYTES) {
    text += btoa(String.fromCharCode(...bytes.subarray(start, start + SLICE_BYTES)));
  }
  return text;
}

/** `undefined` for a text that `toBase64` could not have made. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  let binary: string;
  try {
    binary = atob(text);
  } catch {
    return undefined;
  }
  // `atob` forgives blanks and missing padding; then the lengths do not agree.
  if (Math.ceil(binary.length / 3) * 4 !== text.length) return undefined;
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < bytes.length; index++) bytes[index] = binary.charCodeAt(index);
  return bytes;
}
