import { createConnectionHandler, createWorker } from "@holdfast/server/cloudflare";
import { connections, modules } from "./connection.ts";

const holdfast = createWorker({ modules, connections });
export const ModuleObject = holdfast.ModuleObject;
export const RoomObject = holdfast.RoomObject;
export const UserConnection = createConnectionHandler(connections.user);
export default holdfast;
