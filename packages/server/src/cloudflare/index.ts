export { createWorker, type HoldfastWorker, type WorkerOptions } from "./worker.ts";
