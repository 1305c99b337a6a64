const encoder: TextEncoder = /* @__PURE__ */ new TextEncoder();

/** In UTF-16 units. */
const SHORT = 1024;

/** Bytes of `text` in UTF-8; a lone surrogate counts as the 3 bytes of its replacement. */
export function utf8Length(text: string): number {
  return isShortAscii(text) ? text.length : encoder.encode(text).length;
}

/** Most texts are, and asking the encoder costs as much as looking at a thousand characters. */
function isShortAscii(text: string): boolean {
  if (text.length > SHORT) return false;
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0x7f) return false;
  return true;
}

/** Whether `text` takes more than `limit` bytes in UTF-8; not counted where its length decides. */
export function exceedsBytes(text: string, limit: number): boolean {
  return text.length > limit || (text.length * 3 > limit && utf8Length(text) > limit);
}
