import { serve } from "@holdfast/server/node";
import { connections, modules } from "../server/connection.ts";

const server = await serve({ modules, connections });

const message = { id: "1", author: "The server", text: "Back in five minutes." };
await server.emit("user").toRoom("chat").emit("message", message);
