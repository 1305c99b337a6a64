export type { Authenticate, ExpiringUser } from "./authenticate.ts";
export { createWorker, type HoldfastWorker, type WorkerOptions } from "./worker.ts";
