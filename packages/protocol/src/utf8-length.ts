const encoder: TextEncoder = /* @__PURE__ */ new TextEncoder();

/** Bytes of `text` in UTF-8; a lone surrogate counts as the 3 bytes of its replacement. */
export function utf8Length(text: string): number {
  return encoder.encode(text).length;
}

/** Whether `text` takes more than `limit` bytes in UTF-8; not counted where its length decides. */
export function exceedsBytes(text: string, limit: number): boolean {
  return text.length > limit || (text.length * 3 > limit && utf8Length(text) > limit);
}
