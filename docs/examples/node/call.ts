import { serve } from "@holdfast/server/node";
import { modules } from "./modules.ts";

const server = await serve({ modules });

const count = await server.instance("counter").actions.increment(2);
console.log(count);
