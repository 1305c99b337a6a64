import type { WireError } from "../errors.ts";
import type { Patch } from "../patch.ts";
import { list, literal, record, text, VALUE } from "../schema/shape.ts";
import type { Shape, ShapeData } from "../schema/shape.ts";
import type { Value } from "../value.ts";
import { COUNT, ID, MARK, NAME, SEQUENCE, WIRE_ERROR } from "./fields.ts";
import { PATCH_SHAPE } from "./patch-shape.ts";

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
  | ErrorMessage
  | ChunkMessage;

const COMMIT: Shape<CommitMessage> = record<CommitMessage>({
  type: literal("commit"),
  version: SEQUENCE,
  mark: ID,
  patches: list(PATCH_SHAPE),
});

export const SERVER_SHAPES: { readonly [Type in ServerMessage["type"]]: ShapeData } = {
  commit: COMMIT,
  resume: record<ResumeMessage>({ type: literal("resume"), commits: list(COMMIT) }),
  snapshot: record<SnapshotMessage>({
    type: literal("snapshot"),
    epoch: ID,
    version: COUNT,
    mark: MARK,
    schema: NAME,
    state: VALUE,
  }),
  ack: record<AckMessage>(
    { type: literal("ack"), client: ID, seq: SEQUENCE, version: COUNT, result: VALUE },
    "result",
  ),
  reject: record<RejectMessage>({
    type: literal("reject"),
    client: ID,
    seq: SEQUENCE,
    error: WIRE_ERROR,
  }),
  busy: record<BusyMessage>({
    type: literal("busy"),
    client: ID,
    seq: SEQUENCE,
    retryAfter: COUNT,
  }),
  gap: record<GapMessage>({ type: literal("gap"), client: ID, seq: SEQUENCE }),
  received: record<ReceivedMessage>({ type: literal("received"), client: ID, seq: SEQUENCE }),
  error: record<ErrorMessage>({ type: literal("error"), error: WIRE_ERROR }),
  chunk: record<ChunkMessage>({
    type: literal("chunk"),
    index: COUNT,
    count: SEQUENCE,
    text: text({ min: 1 }),
  }),
};
