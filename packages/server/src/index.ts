export {
  HoldfastError,
  type ErrorCode,
  type Limits,
  type StreamStatus,
  type StreamValue,
} from "@holdfast/protocol";
export type { ActionContext } from "./module/action-context.ts";
export { app, type ModuleFactory, type StateOptions } from "./module/builder.ts";
export type { Authorize, AuthorizeRequest, AuthorizedWish } from "./module/authorize.ts";
export type * from "./module/hooks.ts";
export type { ActionOptions, ModuleBuilder } from "./module/module-builder.ts";
export type { StandardSchema } from "./module/standard-schema.ts";
export type { ClientWriteOptions } from "./module/client-writes.ts";
export type { SystemClass } from "./module/system-class.ts";
export type { Sql, SqlIdentifier, SqlValue } from "./module/sql.ts";
export { PersistError } from "./module/persist-error.ts";
export type {
  DirectStorage,
  ListOptions,
  SqlRows,
  StorageOperations,
} from "./module/direct-storage.ts";
export {
  type Connection,
  type ConnectionDefinition,
  type Connections,
  defineConnection,
} from "./connection/define-connection.ts";
export type {
  BaseMeta,
  ConnectionContext,
  ConnectionEmitter,
  Emitter,
} from "./connection/connection-context.ts";
export type { ServerEmitter, ServerTarget } from "./connection/server-emitter.ts";
export type { ConnectionOptions, EventOptions } from "./connection/connection-options.ts";
export type { AnyEvents, EventContract } from "./connection/event-contract.ts";
export { action } from "./system/action.ts";
export { field } from "./system/field.ts";
export { stream } from "./system/stream.ts";
export { System } from "./system/system.ts";
export { emptyStream, type Stream, type StreamPath } from "./module/stream.ts";
export type { AppOf, ModuleDefinition, Modules } from "./module/definition.ts";
export {
  global,
  type GlobalStrategy,
  type IdleOptions,
  type KeyRequest,
  type KeyStrategy,
  named,
  type NamedStrategy,
  session,
  type SessionStrategy,
  user,
  type UserStrategy,
  withKey,
  type DerivedStrategy,
} from "./module/key-strategy.ts";
export type { KeyChange, KeyChangeHook } from "./module/key-change.ts";
export type { PresentUser } from "./module/present-user.ts";
export type { User } from "./module/user.ts";
export { type DurableObjectStore, durableObjectStore } from "./module/store.ts";
export type { StateStore, StoreOptions } from "./module/state-store.ts";
export { decodeState, encodeState } from "./stores/encode-state.ts";
export { memoryStore } from "./stores/memory-store.ts";
export { type RedisClient, redisStore, type RedisStoreOptions } from "./stores/redis-store.ts";
export type { KeyOptions } from "./stores/store-key.ts";
export { ANY, type PathPattern } from "./module/path-pattern.ts";
export type { View, Viewer, ViewRules } from "./module/view.ts";
export { raw } from "./state/raw.ts";
export { unwrap } from "./state/unwrap.ts";
