export { type Client, createClient, type PersistedOptions } from "./client.ts";
export type { ClientOptions } from "./client-options.ts";
export type { ClientSnapshot } from "./client-snapshot.ts";
export type {
  ActionsOf,
  ConnectionName,
  ConnectionOf,
  Emit,
  EventsOf,
  Immutable,
  ModuleName,
  ModuleOf,
  PresenceOf,
  RecipeOf,
  ReducersOf,
  StateOf,
} from "./contract.ts";
export type { Environment, PageSignal } from "./environment.ts";
export {
  history,
  type History,
  type HistoryHandle,
  type HistorySnapshot,
} from "./history/history.ts";
export type { InitialSnapshot } from "./initial-snapshot.ts";
export type { Persistence } from "./keeper.ts";
export type { ConnectionHandle, ModuleHandle, ModuleSnapshot } from "./module-handle.ts";
export { persistence } from "./persistence.ts";
export {
  presence,
  type Presence,
  type PresenceHandle,
  type PresenceSnapshot,
  type PresentOther,
} from "./presence.ts";
export type { Rejection } from "./store/action-promise.ts";
export { optimism } from "./store/optimism.ts";
export type { Optimism } from "./store/machinery.ts";
export type { PredictionContext } from "./store/prediction.ts";
export type { Restored } from "./store/store-snapshot.ts";
export type { TokenSource } from "./transport/admission.ts";
export type { PrincipalSource } from "./transport/principal.ts";
export type { Status } from "./status.ts";
export type { StreamHandle, StreamPath, StreamSnapshot } from "./stream-handle.ts";
export { streams, type Streams } from "./streams.ts";
export {
  type AppContract,
  type ErrorCode,
  HoldfastError,
  type ClientLimits,
  type StreamStatus,
  type StreamValue,
} from "@holdfast/protocol";
