import { HoldfastError } from "../errors.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import type { Limits } from "../limits.ts";
import { malformed } from "../schema/malformed.ts";
import { exceedsBytes } from "../utf8-length.ts";
import { OLDEST_PROTOCOL, PROTOCOL_VERSION } from "../version.ts";
import { CLIENT_SHAPES } from "./client-message.ts";
import type { ClientMessage, HelloMessage } from "./client-message.ts";
import { parseFrame, readMessage } from "./parse-frame.ts";

export type ClientFrameLimits = Pick<
  Limits,
  "frameInBytes" | "messagesPerFrame" | "depth" | "pathSegments"
>;

/**
 * The messages of a frame from a client. Trusts nothing; `hello` comes out only as the first.
 *
 * @param frame what the socket delivered.
 * @throws HoldfastError and nothing else: `FRAME_TOO_LARGE` before anything is parsed,
 * `PROTOCOL_UNSUPPORTED`, `MALFORMED_FRAME`, and what `decodeValue` throws.
 */
export function decodeClientFrame(
  frame: unknown,
  limits: ClientFrameLimits = DEFAULT_LIMITS,
): ClientMessage[] {
  if (typeof frame === "string" && exceedsBytes(frame, limits.frameInBytes)) {
    throw new HoldfastError(
      "FRAME_TOO_LARGE",
      `The frame is larger than ${limits.frameInBytes} bytes. Send less at once, or raise limits.frameInBytes.`,
    );
  }
  return parseFrame(frame, limits.messagesPerFrame).map((json, index) => {
    checkProtocol(json);
    // True because `readMessage` returns what fits one of the client's shapes.
    const message = readMessage(CLIENT_SHAPES, json, limits) as ClientMessage;
    if (message.type === "hello") {
      if (index > 0) malformed("hello is not its first message");
      checkHello(message);
    }
    return message;
  });
}

/** Before anything else of `hello` is looked at: another protocol may have given it other fields. */
function checkProtocol(json: unknown): void {
  const { type, protocol }: { type?: unknown; protocol?: unknown } = Object(json);
  if (type !== "hello" || !Number.isSafeInteger(protocol)) return;
  if (Number(protocol) >= OLDEST_PROTOCOL && Number(protocol) <= PROTOCOL_VERSION) return;
  throw new HoldfastError(
    "PROTOCOL_UNSUPPORTED",
    `The client speaks protocol ${String(protocol)}, this server ${OLDEST_PROTOCOL} to ${PROTOCOL_VERSION}. Reload the page; if that does not help, deploy client and server together.`,
  );
}

function checkHello({ clients, epoch, version, mark, schema }: HelloMessage): void {
  const known = [epoch, version, mark, schema].filter((field) => field !== undefined).length;
  if (known !== 0 && known !== 4)
    malformed("hello has some of epoch, version, mark and schema, not all");
  if (new Set(clients.map(({ id }) => id)).size < clients.length)
    malformed("hello names a client twice");
}
