import { EXPLAIN } from "#explain";
import { CLIENT_LIMITS } from "../limits.ts";
import { malformed } from "../schema/malformed.ts";
import type { ReadLimits } from "../schema/read-shape.ts";
import { parseFrame, readMessage } from "./parse-frame.ts";
import { SERVER_SHAPES } from "./server-message.ts";
import type { ServerMessage } from "./server-message.ts";

/**
 * The messages of a frame from a host, as strictly as the host reads a client's: what does not fit
 * is a reason to connect again. A `chunk` comes alone.
 *
 * @throws HoldfastError and nothing else: `MALFORMED_FRAME`, and what `decodeValue` throws.
 */
export function decodeServerFrame(
  frame: unknown,
  limits: ReadLimits = CLIENT_LIMITS,
): ServerMessage[] {
  const messages = parseFrame(frame, Infinity).map(
    // True because `readMessage` returns what fits one of the server's shapes.
    (json) => readMessage(SERVER_SHAPES, json, limits) as ServerMessage,
  );
  if (messages.length > 1 && messages.some(({ type }) => type === "chunk")) {
    malformed(EXPLAIN && "a chunk is not alone");
  }
  return messages;
}
