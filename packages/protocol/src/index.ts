export { toBase64 } from "./codec/base64.ts";
export { canonicalEncode, hashValue } from "./codec/canonical-encode.ts";
export { cloneValue } from "./codec/clone-value.ts";
export { decodeStored, isPlainText } from "./codec/decode-stored.ts";
export { decodeValue, encodeValue } from "./codec/encode-value.ts";
export { isPrimitive, kindOf } from "./codec/kind-of.ts";
export type { TypedArrayKind, ValueKind } from "./codec/kind-of.ts";
export type { WalkOptions } from "./codec/walk.ts";
export { CloseCode, isRefusedIdentity, isTerminalClose } from "./close-codes.ts";
export type { ActionContract, AppContract, KeyMode, ModuleContract } from "./contract.ts";
export { derivedId } from "./derived-id.ts";
export { ERROR_CODES, HoldfastError } from "./errors.ts";
export type { ErrorCode, WireError } from "./errors.ts";
export { EXPLAIN } from "#explain";
export { CLIENT_LIMITS, DEFAULT_LIMITS } from "./limits.ts";
export type { ClientLimits, Limits } from "./limits.ts";
export { encodeAnswer } from "./messages/answer.ts";
export type { Answer } from "./messages/answer.ts";
export { OutgoingFrame } from "./messages/outgoing-frame.ts";
export type {
  ActionMessage,
  ClientCursor,
  ClientMessage,
  HelloMessage,
  PatchMessage,
  AbsentMessage,
  PresenceMessage,
  SeenMessage,
} from "./messages/client-message.ts";
export { decodeClientFrame } from "./messages/decode-client-frame.ts";
export { decodeServerFrame } from "./messages/decode-server-frame.ts";
export { encodeMessage } from "./messages/encode-message.ts";
export { FrameAssembler } from "./messages/frame-assembler.ts";
export { joinFrame } from "./messages/join-frame.ts";
export { PING_FRAME, PONG_FRAME } from "./messages/ping.ts";
export type {
  AckMessage,
  BusyMessage,
  ChunkMessage,
  CommitMessage,
  ErrorMessage,
  EventMessage,
  GapMessage,
  PublishedMessage,
  ReceivedMessage,
  RejectMessage,
  ResumeMessage,
  ServerMessage,
  SnapshotMessage,
  Present,
  PresentMessage,
  StaleMessage,
  StreamMessage,
} from "./messages/server-message.ts";
export type {
  AddPatch,
  AppendPatch,
  MembersPatch,
  OrderPatch,
  Patch,
  RemovePatch,
  ReplacePatch,
  SplicePatch,
} from "./patch.ts";
export { applyPatches, replayPatches } from "./patches/apply-patches.ts";
export { meet, placesOf } from "./patches/place.ts";
export type { Place } from "./patches/place.ts";
export { decodePatches } from "./messages/decode-patches.ts";
export { encodePatches } from "./messages/encode-message.ts";
export { formatPath } from "./path.ts";
export type { Path } from "./path.ts";
export { randomToken } from "./random-token.ts";
export { isStreamValue, streamAt } from "./stream-value.ts";
export type { StreamStatus, StreamValue } from "./stream-value.ts";
export { exceedsBytes, utf8Length } from "./utf8-length.ts";
export type { Atom, Primitive, TypedArray, Value, ValueObject } from "./value.ts";
export { CODEC_VERSION, COMMIT_PROTOCOL, OLDEST_PROTOCOL, PROTOCOL_VERSION } from "./version.ts";
