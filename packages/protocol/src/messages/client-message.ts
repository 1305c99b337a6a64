import type { Patch } from "../patch.ts";
import type { ShapesOf } from "../schema/shape.ts";
import type { Value } from "../value.ts";
import { COUNT, ID, MARK, NAME, SEQUENCE } from "./fields.ts";

/** One outbox that this socket speaks for, and how far its answers are reported to its user. */
export interface ClientCursor {
  readonly id: string;
  /** Every sequence up to here is answered and reported: the server may forget it. */
  readonly settled: number;
}

/** The first frame on a socket: what the client has, so that only the rest is sent. */
export interface HelloMessage {
  readonly type: "hello";
  readonly protocol: number;
  readonly clients: readonly ClientCursor[];
  /** Of the confirmed state at hand: its history, version, mark, and schema. All or none. */
  readonly epoch?: string;
  readonly version?: number;
  readonly mark?: string;
  readonly schema?: string;
  /** Where the module's key is derived: the generation that this page belongs to, as `bound` said. */
  readonly generation?: number;
}

/** One action of the outbox `client`. Sequences begin at 1 and leave no gap. */
export interface ActionMessage {
  readonly type: "action";
  readonly client: string;
  readonly seq: number;
  readonly settled: number;
  readonly name: string;
  /** Absent when the action has no payload. */
  readonly payload?: Value;
  /** Milliseconds since 1970, as the client's prediction was told; absent where nothing was predicted. */
  readonly now?: number;
}

/** Patches that a client's recipe made; it takes a sequence of its outbox like an action. */
export interface PatchMessage {
  readonly type: "patch";
  readonly client: string;
  readonly seq: number;
  readonly settled: number;
  /** The confirmed version that they were made on. */
  readonly base: number;
  /** The last of the client's own unanswered patches that they were made on top of; 0: none. */
  readonly after: number;
  readonly patches: readonly Patch[];
}

/** Flow control: so much was read since the last `seen`, in UTF-16 units of frames other than pongs. */
export interface SeenMessage {
  readonly type: "seen";
  readonly read: number;
}

/**
 * What the user of this socket shows of themselves to the others of the instance, at the moment; absent:
 * nothing. From the first one on, the socket is told what the others show.
 */
export interface PresenceMessage {
  readonly type: "presence";
  readonly value?: Value;
}

/** It takes no part in that any more. */
export interface AbsentMessage {
  readonly type: "absent";
}

/** What a client sends. A frame is one message or an array of them. */
export type ClientMessage =
  | HelloMessage
  | ActionMessage
  | PatchMessage
  | SeenMessage
  | PresenceMessage
  | AbsentMessage;

/** Most outboxes that one socket may speak for: its own and those of pages that are gone. */
const MAX_CLIENTS = 64;

export const CLIENT_SHAPES: ShapesOf<ClientMessage> = {
  hello: {
    protocol: 1,
    clients: [{ id: ID, settled: COUNT }, MAX_CLIENTS],
    "epoch?": ID,
    "version?": COUNT,
    "mark?": MARK,
    "schema?": NAME,
    "generation?": COUNT,
  },
  action: {
    client: ID,
    seq: SEQUENCE,
    settled: COUNT,
    name: NAME,
    "payload?": "value",
    "now?": COUNT,
  },
  patch: {
    client: ID,
    seq: SEQUENCE,
    settled: COUNT,
    base: COUNT,
    after: COUNT,
    patches: ["patch"],
  },
  seen: { read: SEQUENCE },
  presence: { "value?": "value" },
  absent: {},
};
