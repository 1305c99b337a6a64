import {
  createConnectionHandler,
  createWorker,
  type HoldfastWorker,
} from "@holdfast/server/cloudflare";
import { authenticate, expired, modules } from "./app.ts";
import { connectAccounts } from "./bank.ts";
import { BoardObject } from "./board-object.ts";
import { brokenMeta, connection, openConnection } from "./connections.ts";
import { EarObject } from "./ear-object.ts";
import { ProbeObject } from "./probe-object.ts";
import { TestObject } from "./test-object.ts";

/** Without `authenticate`: user ids are what somebody says. */
const open = createWorker({ modules: {}, connections: { user: openConnection } });

const connections = { user: connection, broken: brokenMeta };
const holdfast: HoldfastWorker<unknown, typeof modules, typeof connections> = createWorker({
  modules,
  connections,
  authenticate,
  allowedOrigins: ["https://friend.example"],
  // So that a few members are more than a room calls in one event; and few rooms more than a page's.
  limits: { roomCalls: 20, roomsPerPage: 8 },
  fetch: async (request, env, context) => {
    const url = new URL(request.url);
    const { pathname, searchParams } = url;
    if (pathname === "/test/constructed") return Response.json(constructed);
    if (pathname === "/test/emit") return emit(env, searchParams);
    if (pathname === "/test/expired") return Response.json(expired);
    if (pathname.startsWith("/open/")) {
      url.pathname = pathname.slice("/open".length);
      return open.fetch(new Request(url, request), env, context);
    }
    if (pathname !== "/test/page") return new Response("the app's own page");
    const [module, key] = [searchParams.get("module"), searchParams.get("key")];
    try {
      // Whatever a test asks for: what is no module is refused.
      const named = [module, ...(key === null ? [] : [key])] as unknown as ["room", string];
      return new Response(await holdfast.createSnapshot(env, request, ...named));
    } catch (error) {
      return new Response((error as { code?: string }).code, { status: 400 });
    }
  },
});

/** What code of the server says to a room or to a user: `?to=room&who=den&text=hello&except=ann`. */
async function emit(env: unknown, asked: URLSearchParams): Promise<Response> {
  const [to, who, text] = ["to", "who", "text"].map((name) => asked.get(name) ?? "");
  const emitter = holdfast.emit(env, "user");
  const target = to === "room" ? emitter.toRoom(who ?? "") : emitter.toUser(who ?? "");
  try {
    await target.except(...asked.getAll("except")).emit("said", text ?? "");
    return new Response("taken");
  } catch (error) {
    return new Response((error as { code?: string }).code, { status: 400 });
  }
}

export { BoardObject, EarObject, ProbeObject, TestObject };

connectAccounts((env, key) => holdfast.instance(env, "account", key));

/** How many objects were made in this isolate. */
let constructed = 0;

export class ModuleObject extends holdfast.ModuleObject {
  constructor(state: DurableObjectState, env: unknown) {
    super(state, env);
    constructed++;
  }
}

export const RoomObject = holdfast.RoomObject;

export class UserConnection extends createConnectionHandler(connection) {
  constructor(state: DurableObjectState, env: unknown) {
    super(state, env);
    constructed++;
  }
}

export const OpenConnection = createConnectionHandler(openConnection);
export const BrokenConnection = createConnectionHandler(brokenMeta);

export default holdfast;
