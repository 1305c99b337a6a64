import type { Primitive } from "@holdfast/protocol";
import type { Environment } from "./environment.ts";
import { LiveTexts } from "./live-texts.ts";
import { createStreamHandle, type StreamHandle, type StreamSource } from "./stream-handle.ts";

/** The machinery of streams. It is handed in, so that a bundle that shows none does not hold it. */
export interface Streams {
  createTexts(environment: Environment): LiveTexts;
  createHandle(path: string | readonly Primitive[], source: StreamSource): StreamHandle;
}

/** Pass it to `createClient` or `createCoreHooks` to show streams; `createHooks` has it. */
export const streams: Streams = {
  createTexts: (environment) => new LiveTexts(environment),
  createHandle: createStreamHandle,
};
