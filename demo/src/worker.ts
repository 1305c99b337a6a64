import {
  createConnectionHandler,
  createWorker,
  type HoldfastWorker,
} from "@holdfast/server/cloudflare";
import { connectionsWith, modules } from "./app.ts";

/** How long settings outlive the last tab of a browser; `undefined`: a minute. Set when it is built. */
declare const EPHEMERAL_MS: number | undefined;

const connections = connectionsWith((env, room) => holdfast.instance(env, "talk", room).actions);
const holdfast: HoldfastWorker<unknown, typeof modules> = createWorker({
  modules,
  connections,
  ...(EPHEMERAL_MS !== undefined && { limits: { ephemeralMs: EPHEMERAL_MS } }),
});

export const ModuleObject = holdfast.ModuleObject;
export const RoomObject = holdfast.RoomObject;
export const UserConnection = createConnectionHandler(connections.user);
export default holdfast;
