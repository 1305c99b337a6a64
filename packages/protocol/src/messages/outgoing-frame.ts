import { DEFAULT_LIMITS } from "../limits.ts";
import type { Limits } from "../limits.ts";
import { exceedsBytes } from "../utf8-length.ts";
import { joinFrame } from "./join-frame.ts";

/**
 * So much of a frame is in one chunk: little enough that a slow link brings one every few seconds,
 * and that a reader who says what it has read is given more before it has run out.
 */
const CHUNK_CHARACTERS = 128 * 1024;
/** A chunk message without its text: indices of up to 10 digits; and a surrogate pair cut in two. */
const ENVELOPE_BYTES = '{"type":"chunk","index":,"count":,"text":}'.length + 2 * 10 + 12;
/** What a character of JSON takes at most in the text of a chunk. */
const MOST_BYTES = 3;

/**
 * A frame on its way, as the texts of its messages: whole, or in `chunk` messages that are cut when
 * they are asked for. What waits to be sent costs its texts and no more, and those may be shared.
 */
export class OutgoingFrame {
  /** The frame as one piece; `undefined` where that is larger than `frameOutBytes`. */
  readonly whole: string | undefined;
  /** The texts of its messages, in order. */
  readonly texts: readonly string[];
  readonly #chunkLength: number;

  constructor(
    texts: readonly string[],
    { frameOutBytes }: Pick<Limits, "frameOutBytes"> = DEFAULT_LIMITS,
  ) {
    this.texts = texts;
    const room = Math.floor((frameOutBytes - ENVELOPE_BYTES) / MOST_BYTES);
    this.#chunkLength = Math.max(1, Math.min(CHUNK_CHARACTERS, room));
    if (texts.length === 1 || lengthOf(texts) <= frameOutBytes) {
      const whole = joinFrame(texts);
      if (!exceedsBytes(whole, frameOutBytes)) this.whole = whole;
    }
  }

  /** In how many chunks it goes. */
  get chunks(): number {
    return Math.ceil(lengthOf(this.texts) / this.#chunkLength);
  }

  /** The `chunk` message with this index. */
  chunk(index: number): string {
    const start = index * this.#chunkLength;
    const text = JSON.stringify(this.#slice(start, start + this.#chunkLength));
    return `{"type":"chunk","index":${index},"count":${this.chunks},"text":${text}}`;
  }

  /** Of the texts as `joinFrame` would join them; not joined, since one of them may be huge. */
  #slice(start: number, end: number): string {
    const [first] = this.texts;
    if (this.texts.length === 1 && first !== undefined) return first.slice(start, end);
    let slice = "";
    let at = 0;
    for (const [index, text] of this.texts.entries()) {
      const before = index === 0 ? "[" : ",";
      const after = index === this.texts.length - 1 ? "]" : "";
      for (const piece of [before, text, after]) {
        if (at < end && at + piece.length > start) {
          slice += piece.slice(Math.max(0, start - at), end - at);
        }
        at += piece.length;
      }
    }
    return slice;
  }
}

function lengthOf(texts: readonly string[]): number {
  let length = texts.length === 1 ? 0 : texts.length + 1;
  for (const text of texts) length += text.length;
  return length;
}
