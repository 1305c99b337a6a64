export type { Authenticate, ExpiringUser } from "../admission/authenticate.ts";
export type { InstanceHandle, ServerActions } from "../host/instance-handle.ts";
export { createConnectionHandler } from "./connection-handler.ts";
export { createWorker, type HoldfastWorker, type WorkerOptions } from "./worker.ts";
