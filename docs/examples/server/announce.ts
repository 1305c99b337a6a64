import { createConnectionHandler, createWorker } from "@holdfast/server/cloudflare";
import { connections, modules } from "./connection.ts";

const holdfast = createWorker({
  modules,
  connections,
  async fetch(request, env) {
    const text = await request.text();
    const message = { id: crypto.randomUUID(), author: "The server", text };
    await holdfast.emit(env, "user").toRoom("chat").emit("message", message);
    return new Response("said");
  },
});
export const { ModuleObject, RoomObject } = holdfast;
export const UserConnection = createConnectionHandler(connections.user);
export default holdfast;
