import { DEFAULT_LIMITS } from "../limits.ts";
import type { Limits } from "../limits.ts";
import { exceedsBytes } from "../utf8-length.ts";

/** A chunk message without its text: indices of up to 10 digits. */
const ENVELOPE_BYTES = '{"type":"chunk","index":,"count":,"text":}'.length + 2 * 10;

/**
 * The frames to send for one frame: itself, or `chunk` messages of at most `frameOutBytes` each
 * when it is larger than that.
 */
export function chunkFrame(
  frame: string,
  limits: Pick<Limits, "frameOutBytes"> = DEFAULT_LIMITS,
): string[] {
  if (!exceedsBytes(frame, limits.frameOutBytes)) return [frame];
  const room = Math.max(1, limits.frameOutBytes - ENVELOPE_BYTES);
  const texts: string[] = [];
  // Quotes are escaped once more: how much a slice grows is found out by trying.
  let length = room;
  for (let start = 0; start < frame.length;) {
    const text = JSON.stringify(frame.slice(start, start + length));
    if (length > 1 && exceedsBytes(text, room)) {
      length = Math.ceil(length * 0.75);
      continue;
    }
    texts.push(text);
    start += length;
  }
  return texts.map(
    (text, index) => `{"type":"chunk","index":${index},"count":${texts.length},"text":${text}}`,
  );
}
