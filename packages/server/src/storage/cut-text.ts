const encoder = new TextEncoder();

/** Cuts a text into pieces of at most `limit` UTF-8 bytes, never through a character. */
export function cutText(text: string, limit: number): string[] {
  const buffer = new Uint8Array(limit);
  const pieces: string[] = [];
  for (let start = 0; start < text.length;) {
    // `encodeInto` stops before the character that does not fit, and says where.
    const { read } = encoder.encodeInto(text.slice(start, start + limit), buffer);
    if (read === 0) throw new Error(`No character fits into ${limit} bytes.`);
    pieces.push(text.slice(start, start + read));
    start += read;
  }
  return pieces;
}
