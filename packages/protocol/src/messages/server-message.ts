import type { WireError } from "../errors.ts";
import type { Patch } from "../patch.ts";
import type { FieldShapes, ShapesOf } from "../schema/shape.ts";
import type { Value } from "../value.ts";
import { COUNT, ID, MARK, NAME, SEQUENCE, TEXT, WIRE_ERROR } from "./fields.ts";

/** The patches that made one version, to every connection, the sender included. */
export interface CommitMessage {
  readonly type: "commit";
  readonly version: number;
  /** Random, stored with the commit: tells two histories apart that share epoch and version. */
  readonly mark: string;
  readonly patches: readonly Patch[];
}

/** Answers `hello`: the commits after the client's version (none when it is up to date). */
export interface ResumeMessage {
  readonly type: "resume";
  readonly commits: readonly CommitMessage[];
}

/** Answers `hello`: the whole state at one version. */
export interface SnapshotMessage {
  readonly type: "snapshot";
  readonly epoch: string;
  readonly version: number;
  readonly mark: string;
  readonly schema: string;
  readonly state: Value;
}

/** The action is done and durable; its effects are in the state at `version`. To its sender only. */
export interface AckMessage {
  readonly type: "ack";
  readonly client: string;
  readonly seq: number;
  readonly version: number;
  /** Absent when the action returned nothing. */
  readonly result?: Value;
}

/** The action is refused for good and left no trace. To its sender only. */
export interface RejectMessage {
  readonly type: "reject";
  readonly client: string;
  readonly seq: number;
  readonly error: WireError;
}

/** Nothing was decided for `seq` and what follows it: send them again after `retryAfter` ms. */
export interface BusyMessage {
  readonly type: "busy";
  readonly client: string;
  readonly seq: number;
  readonly retryAfter: number;
}

/** A sequence is missing: the server expects `seq`; send everything from `settled + 1` again. */
export interface GapMessage {
  readonly type: "gap";
  readonly client: string;
  readonly seq: number;
}

/** The action is taken in and runs or waits; its answer comes when it is over. */
export interface ReceivedMessage {
  readonly type: "received";
  readonly client: string;
  readonly seq: number;
}

/** What an action emitted, to every connection, behind the commit of the action. At most once. */
export interface EventMessage {
  readonly type: "event";
  readonly event: string;
  /** Absent when the event has no data. */
  readonly data?: Value;
}

/**
 * Where the module's key is derived, behind the answer to `hello`: how often the session has moved.
 * The client says it in its next `hello`.
 */
export interface BoundMessage {
  readonly type: "bound";
  readonly generation: number;
}

/**
 * The session has moved to another instance. The client empties its store and its cache, and connects
 * again under a new client id. An `ack` before it, in the same frame, is that of the action which has
 * moved the session: it holds once the new state is there. What else is open was not started here.
 */
export interface RebindMessage {
  readonly type: "rebind";
}

/**
 * A part of an asynchronous action is durable, by the commit in front of it: what was predicted of
 * the action is in the state now, or will not be. Its answer comes when it is over.
 */
export interface PublishedMessage {
  readonly type: "published";
  readonly client: string;
  readonly seq: number;
}

/**
 * The client patch `seq` was made on a state that has changed where it writes: nothing is decided.
 * The client makes it and those behind it again, on the state at hand, and sends from there.
 */
export interface StaleMessage {
  readonly type: "stale";
  readonly client: string;
  readonly seq: number;
}

/** What one connection shows of its user. */
export interface Present {
  /** Of the connection, while it lasts. */
  readonly id: string;
  /** Absent when it shows nothing any more. */
  readonly value?: Value;
}

/** What connections have begun to show, show now, or show no more. In no state, and in no `resume`. */
export interface PresentMessage {
  readonly type: "present";
  readonly others: readonly Present[];
  /** With all that there is to be shown, in place of what was told before: the receiver's own id. */
  readonly you?: string;
}

/**
 * Live text of a stream, to be shown before it is durable: what stands at `from` and behind it in the
 * text of the stream whose value has this id. How much of it is durable, its value in the state says.
 */
export interface StreamMessage {
  readonly type: "stream";
  readonly id: string;
  /** In UTF-16 units. */
  readonly from: number;
  readonly text: string;
}

/** Says why the close that follows happens. */
export interface ErrorMessage {
  readonly type: "error";
  readonly error: WireError;
}

/**
 * A slice of a frame that is over the limit. The texts of chunks `0 … count - 1`, joined, are the
 * frame; they follow each other with nothing in between.
 */
export interface ChunkMessage {
  readonly type: "chunk";
  readonly index: number;
  readonly count: number;
  readonly text: string;
}

/** What a host sends. A frame is one message or an array of them, handled as one by the client. */
export type ServerMessage =
  | CommitMessage
  | ResumeMessage
  | SnapshotMessage
  | AckMessage
  | RejectMessage
  | BusyMessage
  | GapMessage
  | ReceivedMessage
  | BoundMessage
  | RebindMessage
  | EventMessage
  | PublishedMessage
  | StaleMessage
  | PresentMessage
  | StreamMessage
  | ErrorMessage
  | ChunkMessage;

const COMMIT: FieldShapes<Omit<CommitMessage, "type">> = {
  version: SEQUENCE,
  mark: ID,
  patches: ["patch"],
};

export const SERVER_SHAPES: ShapesOf<ServerMessage> = {
  commit: COMMIT,
  resume: { commits: [{ type: /^commit$/, ...COMMIT }] },
  snapshot: { epoch: ID, version: COUNT, mark: MARK, schema: NAME, state: "value" },
  ack: { client: ID, seq: SEQUENCE, version: COUNT, "result?": "value" },
  reject: { client: ID, seq: SEQUENCE, error: WIRE_ERROR },
  busy: { client: ID, seq: SEQUENCE, retryAfter: COUNT },
  gap: { client: ID, seq: SEQUENCE },
  received: { client: ID, seq: SEQUENCE },
  bound: { generation: COUNT },
  rebind: {},
  event: { event: NAME, "data?": "value" },
  published: { client: ID, seq: SEQUENCE },
  stale: { client: ID, seq: SEQUENCE },
  present: { others: [{ id: ID, "value?": "value" }], "you?": ID },
  stream: { id: ID, from: COUNT, text: TEXT },
  error: { error: WIRE_ERROR },
  chunk: { index: COUNT, count: SEQUENCE, text: /^[^]/ },
};
