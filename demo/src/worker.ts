import {
  createConnectionHandler,
  createWorker,
  type HoldfastWorker,
} from "@holdfast/server/cloudflare";
import { connectionsWith, modules } from "./app.ts";

const connections = connectionsWith((env, room) => holdfast.instance(env, "talk", room).actions);
const holdfast: HoldfastWorker<unknown, typeof modules> = createWorker({ modules, connections });

export const ModuleObject = holdfast.ModuleObject;
export const RoomObject = holdfast.RoomObject;
export const UserConnection = createConnectionHandler(connections.user);
export default holdfast;
