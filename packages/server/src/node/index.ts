export type { InstanceOf } from "./call-in.ts";
export type { Authenticate, ExpiringUser } from "../admission/authenticate.ts";
export type { InstanceHandle, ServerActions } from "../host/instance-handle.ts";
export { type HoldfastServer, serve, type ServeOptions } from "./serve.ts";
export { sqliteStore, type SqliteStore } from "./sqlite-store.ts";
export { staticFiles } from "./static-files.ts";
