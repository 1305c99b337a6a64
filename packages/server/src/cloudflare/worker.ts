import { DEFAULT_LIMITS, type ErrorCode, HoldfastError, type Limits } from "@holdfast/protocol";
import { closeWith } from "../host/close.ts";
import type { ModuleEntries } from "../module/definition.ts";
import { isSystemClass, modulesOf } from "../system/modules-of.ts";
import { admit, checkOrigin, CONNECT_PATH } from "./admission.ts";
import {
  createModuleObject,
  IDENTITY_HEADER,
  type ModuleObjectClass,
  type ModuleObjectInstance,
  SECRET_OBJECT,
} from "./module-object.ts";
import { Sessions } from "./session.ts";

/** Options of `createWorker`. */
export interface WorkerOptions<Env = unknown> {
  /** The modules of the app, by the name that clients use. */
  readonly modules: ModuleEntries;
  /** Origins whose pages may connect, beside the Worker's own: `["https://app.example"]`. */
  readonly allowedOrigins?: readonly string[];
  /** Limits that differ from the defaults. */
  readonly limits?: Partial<Limits>;
  /** Answers every request outside `/holdfast/`. Default: 404. */
  readonly fetch?: (
    request: Request,
    env: Env,
    context: ExecutionContext,
  ) => Response | Promise<Response>;
}

/** A Worker, and the Durable Object class that it needs. */
export interface HoldfastWorker<Env = unknown> {
  /** One class hosts every module: adding one needs no migration. */
  readonly ModuleObject: ModuleObjectClass;
  fetch(request: Request, env: Env, context: ExecutionContext): Promise<Response>;
}

/**
 * Makes the Worker that serves an app's modules.
 *
 * @throws HoldfastError `DEFINITION_INVALID` for an empty or misnamed module
 *
 * @example
 * const holdfast = createWorker({ modules });
 * export const ModuleObject = holdfast.ModuleObject;
 * export default holdfast;
 */
export function createWorker<Env = unknown>(options: WorkerOptions<Env>): HoldfastWorker<Env> {
  const { allowedOrigins = [] } = options;
  checkModules(options.modules);
  const modules = modulesOf(options.modules);
  const limits: Limits = { ...DEFAULT_LIMITS, ...options.limits };
  // One isolate, one set of keys: a Worker's isolate serves requests of one deployment only.
  let sessions: Promise<Sessions> | undefined;

  async function sessionsOf(env: unknown, objects: Objects): Promise<Sessions> {
    sessions ??= openSessions(env, objects);
    try {
      return await sessions;
    } catch (error) {
      sessions = undefined;
      throw error;
    }
  }

  async function connect(request: Request, env: Env, context: ExecutionContext): Promise<Response> {
    if (request.headers.get("Upgrade")?.toLowerCase() !== "websocket") {
      return new Response("This address is for WebSockets.", { status: 426 });
    }
    const protocol = subprotocolOf(request);
    try {
      const objects = objectsOf(env, context);
      const { name, identity } = await admit(request, {
        modules,
        sessions: await sessionsOf(env, objects),
        allowedOrigins,
        limits,
        env,
      });
      const headers = new Headers({
        Upgrade: "websocket",
        [IDENTITY_HEADER]: JSON.stringify(identity),
      });
      if (protocol) headers.set("Sec-WebSocket-Protocol", protocol);
      return await objects.getByName(name).fetch("https://holdfast/connect", { headers });
    } catch (error) {
      return refusedSocket(asHoldfastError(error), protocol);
    }
  }

  async function session(request: Request, env: Env, context: ExecutionContext): Promise<Response> {
    if (request.method !== "POST") {
      return new Response("Sessions are made by POST.", {
        status: 405,
        headers: { Allow: "POST" },
      });
    }
    try {
      checkOrigin(request, allowedOrigins);
      const signer = await sessionsOf(env, objectsOf(env, context));
      const headers = new Headers({ "Cache-Control": "no-store", ...crossOrigin(request) });
      if ((await signer.verify(request)) === undefined) {
        const secure = new URL(request.url).protocol === "https:";
        for (const cookie of await signer.mint(secure)) headers.append("Set-Cookie", cookie);
      }
      return new Response(null, { status: 204, headers });
    } catch (error) {
      return refusedRequest(asHoldfastError(error));
    }
  }

  return {
    ModuleObject: createModuleObject(modules, limits, {
      usesSystems: Object.values(options.modules).some(isSystemClass),
    }),
    async fetch(request, env, context) {
      const { pathname } = new URL(request.url);
      if (pathname === "/holdfast/session") return session(request, env, context);
      if (pathname.startsWith(CONNECT_PATH)) return connect(request, env, context);
      if (pathname.startsWith("/holdfast/")) {
        return new Response("Holdfast has nothing here.", { status: 404 });
      }
      return options.fetch
        ? options.fetch(request, env, context)
        : new Response("Not found.", { status: 404 });
    },
  };
}

/** Lets a page of an allowed origin that is not the Worker's own see that it has got a session. */
function crossOrigin(request: Request): Record<string, string> {
  const origin = request.headers.get("Origin");
  if (origin === null || origin === new URL(request.url).origin) return {};
  return {
    "Access-Control-Allow-Origin": origin,
    "Access-Control-Allow-Credentials": "true",
    Vary: "Origin",
  };
}

type Objects = DurableObjectNamespace<ModuleObjectInstance & Rpc.DurableObjectBranded>;

/** The namespace of `ModuleObject`: a binding of that name, or the class that the Worker exports. */
function objectsOf(env: unknown, context: ExecutionContext): Objects {
  const bound = (env as { ModuleObject?: Objects } | undefined)?.ModuleObject;
  const exported = (context as { exports?: { ModuleObject?: Objects } }).exports?.ModuleObject;
  const objects = bound ?? exported;
  if (objects) return objects;
  throw new HoldfastError(
    "DEFINITION_INVALID",
    'The Durable Object class is not to be found. Write `export const ModuleObject = holdfast.ModuleObject` in the Worker, and register it in wrangler.jsonc: "exports": { "ModuleObject": { "type": "durable-object", "storage": "sqlite" } }.',
  );
}

async function openSessions(env: unknown, objects: Objects): Promise<Sessions> {
  const configured = (env as { HOLDFAST_SECRET?: unknown } | undefined)?.HOLDFAST_SECRET;
  const [newest, ...older] = String(configured ?? "")
    .split(/[\s,]+/)
    .filter(Boolean);
  if (newest) return Sessions.open([newest, ...older]);
  return Sessions.open([await objects.getByName(SECRET_OBJECT).holdfastSecret()]);
}

function checkModules(modules: ModuleEntries): void {
  for (const [name, module] of Object.entries(modules)) {
    const isFinished = isSystemClass(module) || module?.actions instanceof Map;
    if (isFinished && name !== "" && name.isWellFormed()) continue;
    throw new HoldfastError(
      "DEFINITION_INVALID",
      `"${name}" in \`modules\` is not a finished module. Did you forget .build()?`,
    );
  }
}

/** The subprotocol to agree to: a browser gives up on a socket whose offer is not taken. */
function subprotocolOf(request: Request): string | undefined {
  const offered = request.headers.get("Sec-WebSocket-Protocol")?.split(",") ?? [];
  return offered.map((name) => name.trim()).find((name) => /^holdfast\.\d+$/.test(name));
}

/**
 * A browser cannot read why an upgrade was refused, and would try for ever. So the Worker takes the
 * socket itself, says why, and closes it with a code that ends the trying. No instance wakes.
 */
function refusedSocket(error: HoldfastError, protocol: string | undefined): Response {
  const { 0: client, 1: server } = new WebSocketPair();
  server.accept();
  closeWith(server, error);
  const headers = new Headers();
  if (protocol) headers.set("Sec-WebSocket-Protocol", protocol);
  return new Response(null, { status: 101, webSocket: client, headers });
}

const STATUS: Partial<Record<ErrorCode, number>> = { ORIGIN_FORBIDDEN: 403 };

function refusedRequest({ code, message }: HoldfastError): Response {
  return Response.json({ error: { code, message } }, { status: STATUS[code] ?? 500 });
}

function asHoldfastError(error: unknown): HoldfastError {
  if (error instanceof HoldfastError) return error;
  console.error("Holdfast: admission failed.", error);
  return new HoldfastError(
    "INTERNAL",
    "The server could not decide on the request. Its log says why; try again.",
  );
}
