import * as workers from "cloudflare:workers";
import type { HoldfastError, Limits } from "@holdfast/protocol";
import { admitPage } from "../admission/admit-page.ts";
import { admit, type AdmissionParts } from "../admission/admit.ts";
import { type AdminTarget, answerAdmin } from "../admission/answer-admin.ts";
import { answerSession } from "../admission/answer-session.ts";
import { admitConnection, connectionOf } from "../admission/admit-connection.ts";
import type { Authenticate } from "../admission/authenticate.ts";
import { credentialsOf } from "../admission/credentials.ts";
import { asRefusal, refusedRequest } from "../admission/refusal.ts";
import { openSessions, type Sessions } from "../admission/session.ts";
import { assembleApp } from "../app/assemble-app.ts";
import { notASocket, route } from "../app/route.ts";
import type { AdminAnswer, AdminTask } from "../host/administration.ts";
import { closeWith } from "../host/close.ts";
import { type InstanceHandle, instanceHandle } from "../host/instance-handle.ts";
import type { Connections } from "../connection/define-connection.ts";
import type { RoomReport } from "../connection/room/held-room.ts";
import type { EventsOf, ServerEmitter } from "../connection/server-emitter.ts";
import { serverEmitter } from "../host/rooms/server-emit.ts";
import { findSnapshot, type SnapshotAnswer } from "../host/page-snapshot.ts";
import { instanceName } from "../module/instance-name.ts";
import type { ContractOf, ModuleEntries } from "../module/definition.ts";
import { isSystemClass } from "../system/modules-of.ts";
import { createModuleObject, type ModuleObjectClass, SECRET_OBJECT } from "./module-object.ts";
import { limitConnections } from "./connection-handler.ts";
import { connectionObjectsOf } from "./connection-port.ts";
import { type Objects, objectsOf } from "./objects.ts";
import { reach } from "./reach.ts";
import { createRoomObject, type RoomObjectClass } from "./room-object.ts";
import { deliverTo, roomObjectsOf } from "./rooms.ts";

/** Options of `createWorker`. */
export interface WorkerOptions<
  Env = unknown,
  Modules extends ModuleEntries = ModuleEntries,
  Own extends Connections = Connections,
> {
  /** The modules of the app, by the name that clients use. */
  readonly modules: Modules;
  /**
   * The connections of the app, by the name that clients use. The class of each is exported beside:
   * `createConnectionHandler(connection)`.
   */
  readonly connections?: Own;
  /** Origins whose pages may connect, beside the Worker's own: `["https://app.example"]`. */
  readonly allowedOrigins?: readonly string[];
  /**
   * Says who makes a request: the user, `null` for nobody in particular, or `{ user, expires }`; what
   * it throws refuses the connection. The client's `token()` arrives as `Authorization: Bearer`.
   */
  readonly authenticate?: Authenticate<Env>;
  /** How long a browser session lives after it was last used. Default: 400 days, in seconds. */
  readonly sessionSeconds?: number;
  /** Limits that differ from the defaults. */
  readonly limits?: Partial<Limits>;
  /** Answers every request outside `/holdfast/`. Default: 404. */
  readonly fetch?: (
    request: Request,
    env: Env,
    context: ExecutionContext,
  ) => Response | Promise<Response>;
}

/** A Worker, and the Durable Object classes that it needs. */
export interface HoldfastWorker<
  Env = unknown,
  Modules extends ModuleEntries = ModuleEntries,
  Own extends Connections = Connections,
> {
  /** One class hosts every module: adding one needs no migration. */
  readonly ModuleObject: ModuleObjectClass;
  /** One class hosts every room that connections join: `export const RoomObject = holdfast.RoomObject`. */
  readonly RoomObject: RoomObjectClass;
  fetch(request: Request, env: Env, context: ExecutionContext): Promise<Response>;
  /**
   * One instance, for code of the server: request handlers, queues, actions of other instances. An
   * action passes the `env` of its own context, so that calls in a circle are found.
   *
   * @param env the Worker's environment, or that of an action's context
   * @param key which instance: of `named()` its key, of `user()` the user's id, of `session()` the
   * session's, of `withKey` what that gives; none for `global()`
   * @throws HoldfastError `UNKNOWN_MODULE` or `KEY_INVALID`
   *
   * @example
   * await holdfast.instance(env, "chat", "general").actions.send({ text: "Good morning." });
   */
  instance<Name extends keyof Modules & string>(
    env: unknown,
    name: Name,
    ...key: ContractOf<Modules[Name]>["keys"] extends "named" ? [key: string] : [key?: string]
  ): InstanceHandle<ContractOf<Modules[Name]>>;
  /**
   * Events of a connection, from code of the server that handles none of them.
   *
   * @param env the Worker's environment, or that of an action's context
   * @throws HoldfastError `UNKNOWN_MODULE`
   *
   * @example
   * await holdfast.emit(env, "user").toRoom("chat").emit("message", { text: "Good morning." });
   */
  emit<Name extends keyof Own & string>(
    env: unknown,
    name: Name,
  ): ServerEmitter<EventsOf<Own[Name]>>;
  /**
   * The state to render a page with, for whoever asks for that page: what they would be given if they
   * connected, after `authenticate`, `allow`, `authorize` and views. Hand it to the hooks as
   * `initialSnapshot`, on the server and in the page; the browser goes on from its version.
   *
   * @param env the Worker's environment
   * @param request for the page
   * @param key which instance, where clients name it
   * @returns text, at most as large as the state
   * @throws HoldfastError what a connection would be refused with; `SESSION_INVALID` for a visitor who
   * has no session yet, where the instance would be the session's: render without a snapshot then
   *
   * @example
   * const snapshot = await holdfast.createSnapshot(env, request, "chat", "general");
   */
  createSnapshot<Name extends keyof Modules & string>(
    env: unknown,
    request: Request,
    name: Name,
    ...key: ContractOf<Modules[Name]>["keys"] extends "named" ? [key: string] : []
  ): Promise<string>;
}

/**
 * Makes the Worker that serves an app's modules.
 *
 * @throws HoldfastError `DEFINITION_INVALID` for an empty or misnamed module, or for connections that
 * cannot be told apart
 *
 * @example
 * const holdfast = createWorker({ modules });
 * export const ModuleObject = holdfast.ModuleObject;
 * export default holdfast;
 */
export function createWorker<
  Env = unknown,
  const Modules extends ModuleEntries = ModuleEntries,
  Own extends Connections = Record<never, never>,
>(options: WorkerOptions<Env, Modules, Own>): HoldfastWorker<Env, Modules, Own> {
  const { allowedOrigins = [] } = options;
  const app = assembleApp(options);
  const { modules, connections, limits } = app;
  limitConnections(connections, limits);
  // One isolate, one set of keys: a Worker's isolate serves requests of one deployment only.
  let sessions: Promise<Sessions> | undefined;

  async function sessionsOf(env: unknown, objects: Objects): Promise<Sessions> {
    const secrets = (env as { HOLDFAST_SECRET?: unknown } | undefined)?.HOLDFAST_SECRET;
    const generated = (): Promise<string> => objects.getByName(SECRET_OBJECT).holdfastSecret();
    sessions ??= openSessions(secrets, generated, options.sessionSeconds);
    try {
      return await sessions;
    } catch (error) {
      sessions = undefined;
      throw error;
    }
  }

  async function admissionParts(env: unknown, objects: Objects): Promise<AdmissionParts> {
    return { ...app, sessions: await sessionsOf(env, objects), allowedOrigins, env };
  }

  async function connect(request: Request, env: Env, context: ExecutionContext): Promise<Response> {
    if (request.headers.get("Upgrade")?.toLowerCase() !== "websocket") {
      return notASocket();
    }
    const credentials = credentialsOf(request);
    const { protocol } = credentials;
    try {
      const objects = objectsOf(env, context);
      const parts = await admissionParts(env, objects);
      const connection = connectionOf(new URL(request.url), connections);
      if (connection) {
        const admitted = await admitConnection(connection, request, { credentials, parts });
        const theirs = connectionObjectsOf(connection.connectionBinding, env, context);
        return await reach(theirs, { module: connection.name, ...admitted, protocol });
      }
      const { moduleName, key, identity } = await admit(request, credentials, parts);
      return await reach(objects, { module: moduleName, key, identity, protocol });
    } catch (error) {
      return refusedSocket(asRefusal(error), protocol);
    }
  }

  async function session(request: Request, env: Env, context: ExecutionContext): Promise<Response> {
    try {
      const sessions = await sessionsOf(env, objectsOf(env, context));
      return await answerSession(request, sessions, allowedOrigins);
    } catch (error) {
      return refusedRequest(asRefusal(error));
    }
  }

  function admin(
    request: Request,
    env: Env,
    context: ExecutionContext,
  ): Promise<Response | undefined> {
    const ask = async ({ name, binding }: AdminTarget, task: AdminTask): Promise<AdminAnswer> => {
      const objects =
        binding === undefined
          ? objectsOf(env, context)
          : connectionObjectsOf(binding, env, context);
      return objects.getByName(name).holdfastAdminister(task);
    };
    const token = (env as { HOLDFAST_ADMIN_TOKEN?: unknown } | undefined)?.HOLDFAST_ADMIN_TOKEN;
    const inspectRoom = async (room: string): Promise<RoomReport> =>
      roomObjectsOf(env, context).getByName(room).holdfastInspect();
    return answerAdmin(request, { token, modules, connections, limits, ask, inspectRoom });
  }

  return {
    ModuleObject: createModuleObject(modules, () => limits, {
      usesSystems: Object.values(options.modules).some(isSystemClass),
    }),
    RoomObject: createRoomObject(limits),
    instance(env, module, ...[key]) {
      const objects = (): Objects => objectsOf(env, workers);
      const handle = instanceHandle({ modules, objects, limits, env, module, key });
      // The definition's own contract is what its author declared.
      return handle as InstanceHandle<ContractOf<Modules[typeof module]>>;
    },
    emit(env, name) {
      const emitter = serverEmitter(name, {
        connections,
        limits,
        knowsUsers: options.authenticate !== undefined,
        deliver: deliverTo(env, workers),
        tell: async (binding, instance, deliveries) =>
          connectionObjectsOf(binding, env, workers)
            .getByName(instance)
            .holdfastEvents(undefined, deliveries),
      });
      // The definition's own contract is what its author declared.
      return emitter as ServerEmitter<EventsOf<Own[typeof name]>>;
    },
    async createSnapshot(env, request, module, ...[key]) {
      const objects = objectsOf(env, workers);
      const parts = await admissionParts(env, objects);
      const admitted = await admitPage(request, { moduleName: module, key }, parts);
      const { moduleName, key: own, identity } = admitted;
      return findSnapshot(own, (place, generation) => {
        const object = objects.getByName(instanceName(moduleName, place));
        // What comes back is plain data: the platform's own type of it says less.
        const asked = object.holdfastSnapshot({ ...identity, generation });
        return asked as Promise<SnapshotAnswer>;
      });
    },
    fetch: (request, env, context) =>
      route(request, connections, {
        session: () => session(request, env, context),
        connect: () => connect(request, env, context),
        admin: () => admin(request, env, context),
        fetch: () => options.fetch?.(request, env, context),
      }),
  };
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
