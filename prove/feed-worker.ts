import { app, durableObjectStore, global } from "@holdfast/server";
import { createWorker } from "@holdfast/server/cloudflare";

/** So many texts are in the state at a time. */
const TEXTS = 4;

const feed = app
  .defineState({ count: 0, texts: {} as Record<string, string> })
  .persist(durableObjectStore(global()))
  .onAction("publish", ({ state }, characters: number) => {
    state.count++;
    // A commit holds the whole text, and none is like another.
    state.texts[state.count % TEXTS] = `${state.count};`.padEnd(characters, "lorem ipsum ");
    return state.count;
  })
  .build();

const holdfast = createWorker({
  modules: { feed },
  // The proofs are about reading and coming back: they may write as fast as they can.
  limits: { ratePerSecond: 1_000_000, rateBurst: 1_000_000 },
});

export const ModuleObject: typeof holdfast.ModuleObject = holdfast.ModuleObject;
export default holdfast;
