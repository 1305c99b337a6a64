import {
  encodeValue,
  EXPLAIN,
  HoldfastError,
  type ClientLimits,
  utf8Length,
} from "@holdfast/protocol";

/** The longest that a sequence number gets, in digits. */
const SEQUENCE_DIGITS = 16;

/** What an action says of itself. */
export interface ActionWords {
  readonly name: string;
  /** Of `encodePayload`. */
  readonly payload: string | undefined;
  /** The time that its prediction is told: the server's action is told the same, if it can be. */
  readonly now?: number | undefined;
}

/** One action as it goes out. Its payload is encoded once, however often it is sent. */
export class ActionText {
  readonly name: string;
  /** As encoded; `undefined`: the action has none. */
  readonly payload: string | undefined;
  /** Most bytes that the message takes on the wire, in UTF-8. */
  readonly bytes: number;
  readonly #head: string;
  readonly #tail: string;

  /** @throws HoldfastError `FRAME_TOO_LARGE` */
  constructor(client: string, { name, payload, now }: ActionWords, limits: ClientLimits) {
    this.name = name;
    this.payload = payload;
    this.#head = `{"type":"action","client":${JSON.stringify(client)},"seq":`;
    this.#tail = `,"name":${JSON.stringify(name)}`;
    if (payload !== undefined) this.#tail += `,"payload":${payload}`;
    if (now !== undefined) this.#tail += `,"now":${now}`;
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
