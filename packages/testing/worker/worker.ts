import { createWorker } from "@holdfast/server/cloudflare";
import { modules } from "./app.ts";
import { TestObject } from "./test-object.ts";

const holdfast = createWorker({
  modules,
  allowedOrigins: ["https://friend.example"],
  fetch: () => new Response("the app's own page"),
});

export { TestObject };
export const ModuleObject = holdfast.ModuleObject;
export default holdfast;
