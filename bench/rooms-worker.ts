import { app, defineConnection, durableObjectStore, named } from "@holdfast/server";
import { createConnectionHandler, createWorker } from "@holdfast/server/cloudflare";
import { BENCH_LIMITS } from "./doc-module.ts";

/** Users who each have a state of their own, and are in one room. */
const connection = defineConnection({
  name: "UserConnection",
  state: { said: 0 },
  extractMeta: (_request, { user }) => ({ userId: user.id, channels: ["hall"] }),
}).on<string>("say", (ctx, text) => {
  ctx.state.said++;
  ctx.emit.toRoom("hall").emit("said", text);
});

/** The alternative: everybody's socket is at one instance. As much is stored, and told. */
const hall = app
  .defineState({ said: 0 })
  .persist(durableObjectStore(named()))
  .private(["said"])
  .events<{ said: string }>()
  .onAction("say", ({ state, emit }, text: string) => {
    state.said++;
    emit("said", text);
  })
  .build();

const holdfast = createWorker({
  modules: { hall },
  connections: { user: connection },
  // Whoever says who he is: a load generator is all users at once.
  authenticate: (request) => {
    const [, id] = /^Bearer (.+)$/.exec(request.headers.get("Authorization") ?? "") ?? [];
    return id === undefined ? null : { id };
  },
  limits: BENCH_LIMITS,
});

export const ModuleObject = holdfast.ModuleObject;
export const RoomObject = holdfast.RoomObject;
export const UserConnection = createConnectionHandler(connection);
export default holdfast;
