import type { Primitive } from "@holdfast/protocol";
import { LiveTexts } from "./live-texts.ts";
import type { Part } from "./part.ts";
import { createStreamHandle, type StreamHandle } from "./stream-handle.ts";

/** The machinery of streams. */
export type Streams = Part<LiveTexts, (path: string | readonly Primitive[]) => StreamHandle>;

/** Pass it to `createClient` or `createCoreHooks` to show streams; `createHooks` has it. */
export const streams: Streams = {
  create: ({ environment }) => new LiveTexts(environment),
  handle: (texts, _open, { getSnapshot, subscribe }) => {
    const getState = (): unknown => getSnapshot().state;
    return (path) => createStreamHandle(path, { getState, subscribe, texts });
  },
};
