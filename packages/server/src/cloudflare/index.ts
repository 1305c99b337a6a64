export type { Authenticate, ExpiringUser } from "./authenticate.ts";
export type { InstanceHandle, ServerActions } from "./instance-handle.ts";
export { createWorker, type HoldfastWorker, type WorkerOptions } from "./worker.ts";
