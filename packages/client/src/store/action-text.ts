import {
  encodeValue,
  EXPLAIN,
  HoldfastError,
  type ClientLimits,
  utf8Length,
} from "@holdfast/protocol";

/** The longest that a sequence number gets, in digits. */
const SEQUENCE_DIGITS = 16;

/** One action as it goes out. Its payload is encoded once, however often it is sent. */
export class ActionText {
  readonly name: string;
  /** As encoded; `undefined`: the action has none. */
  readonly payload: string | undefined;
  /** Most bytes that the message takes on the wire, in UTF-8. */
  readonly bytes: number;
  readonly #head: string;
  readonly #tail: string;

  /**
   * @param payload of `encodePayload`
   * @throws HoldfastError `FRAME_TOO_LARGE`
   */
  constructor(client: string, name: string, payload: string | undefined, limits: ClientLimits) {
    this.name = name;
    this.payload = payload;
    this.#head = `{"type":"action","client":${JSON.stringify(client)},"seq":`;
    this.#tail = `,"name":${JSON.stringify(name)}`;
    if (payload !== undefined) this.#tail += `,"payload":${payload}`;
    this.bytes =
      utf8Length(this.#head) + utf8Length(this.#tail) + 2 * SEQUENCE_DIGITS + `,"settled":}`.length;
    if (this.bytes <= limits.frameInBytes) return;
    throw new HoldfastError(
      "FRAME_TOO_LARGE",
      EXPLAIN &&
        `The payload of "${name}" takes more than ${limits.frameInBytes} bytes. Send it in pieces, or keep large data elsewhere and send a reference.`,
    );
  }

  at(seq: number, settled: number): string {
    return `${this.#head}${seq},"settled":${settled}${this.#tail}}`;
  }
}

/**
 * A payload as it goes out; `undefined` for none.
 *
 * @throws HoldfastError `VALUE_UNSUPPORTED` or `VALUE_TOO_DEEP`, naming the path
 */
export function encodePayload(payload: unknown, { depth }: ClientLimits): string | undefined {
  return payload === undefined ? undefined : encodeValue(payload, [], { root: "payload", depth });
}
