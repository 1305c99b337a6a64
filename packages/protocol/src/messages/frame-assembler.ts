import { EXPLAIN } from "#explain";
import { HoldfastError } from "../errors.ts";
import { CLIENT_LIMITS } from "../limits.ts";
import type { ClientLimits } from "../limits.ts";
import { malformed } from "../schema/malformed.ts";
import type { ReadLimits } from "../schema/read-shape.ts";
import { decodeServerFrame } from "./decode-server-frame.ts";
import type { ChunkMessage, ServerMessage } from "./server-message.ts";

/**
 * Decodes the frames of one socket, putting chunks together. One per socket: what is incomplete
 * when a socket closes is dropped with it.
 */
export class FrameAssembler {
  readonly #limits: ReadLimits & Pick<ClientLimits, "assembledBytes">;
  /** Of the chunks so far, */
  #text = "";
  /** of which there are so many, */
  #chunks = 0;
  /** and will be so many. */
  #count = 0;

  constructor(limits: ReadLimits & Pick<ClientLimits, "assembledBytes"> = CLIENT_LIMITS) {
    this.#limits = limits;
  }

  /**
   * The messages that `frame` completes; none while chunks are missing.
   *
   * @throws HoldfastError `FRAME_TOO_LARGE` for more than `assembledBytes`, otherwise as
   * `decodeServerFrame`. After a throw the socket is of no use any more.
   */
  receive(frame: unknown): readonly ServerMessage[] {
    const messages = decodeServerFrame(frame, this.#limits);
    const [first] = messages;
    if (first?.type === "chunk") return this.#collect(first);
    // An error ends what was begun: the socket closes behind it.
    if (this.#chunks > 0 && first?.type !== "error") {
      malformed(EXPLAIN && "it stands between two chunks");
    }
    return messages;
  }

  #collect({ index, count, text }: ChunkMessage): readonly ServerMessage[] {
    if (index !== this.#chunks || index >= count || (index > 0 && count !== this.#count)) {
      malformed(EXPLAIN && "a chunk is out of order");
    }
    this.#count = count;
    this.#text += text;
    if (this.#text.length > this.#limits.assembledBytes) {
      throw new HoldfastError(
        "FRAME_TOO_LARGE",
        EXPLAIN &&
          `The chunks of a frame are larger than ${this.#limits.assembledBytes} bytes together. ` +
            "Keep the state smaller, or raise limits.assembledBytes.",
      );
    }
    if (++this.#chunks < count) return [];
    const messages = decodeServerFrame(this.#text, this.#limits);
    this.#text = "";
    this.#chunks = 0;
    if (messages[0]?.type === "chunk") malformed(EXPLAIN && "a chunk is inside chunks");
    return messages;
  }
}
