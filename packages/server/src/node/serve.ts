import type { Limits } from "@holdfast/protocol";
import { admitPage } from "../admission/admit-page.ts";
import { type AdminTarget, answerAdmin } from "../admission/answer-admin.ts";
import { answerSession } from "../admission/answer-session.ts";
import type { Authenticate } from "../admission/authenticate.ts";
import { asRefusal, refusedRequest } from "../admission/refusal.ts";
import { openSessions } from "../admission/session.ts";
import { assembleApp } from "../app/assemble-app.ts";
import { isForSockets, notASocket, route } from "../app/route.ts";
import type { Connections } from "../connection/define-connection.ts";
import type { EventsOf, ServerEmitter } from "../connection/server-emitter.ts";
import type { AdminAnswer, AdminTask } from "../host/administration.ts";
import { findSnapshot } from "../host/page-snapshot.ts";
import type { ContractOf, ModuleEntries } from "../module/definition.ts";
import { instanceName } from "../module/instance-name.ts";
import { admitHere } from "./admit-here.ts";
import { callIn, type InstanceOf } from "./call-in.ts";
import { DataFolder } from "./data-folder.ts";
import { connectionHome, roomHome } from "./home-name.ts";
import { Listener } from "./listener.ts";
import { Objects } from "./objects.ts";
import { closeOnSignals } from "./signals.ts";
import { Sockets } from "./sockets.ts";

/** Options of `serve`. */
export interface ServeOptions<
  Env = unknown,
  Modules extends ModuleEntries = ModuleEntries,
  Own extends Connections = Connections,
> {
  /** The modules of the app, by the name that clients use: the same that `createWorker` takes. */
  readonly modules: Modules;
  /** The connections of the app, by the name that clients use: those that `createWorker` takes. */
  readonly connections?: Own;
  /** Default: 8787. 0: any that is free; the server says which. */
  readonly port?: number;
  /** Default: `"127.0.0.1"`, this machine only. `"0.0.0.0"`: every network, as in a container. */
  readonly hostname?: string;
  /** Where all state is kept. One process at a time has it. Default: `"holdfast-data"`. */
  readonly dataDir?: string;
  /**
   * The server's own origin as browsers see it, `"https://app.example"`, where a proxy stands in front.
   * Default: by http, what the request names as its host.
   */
  readonly origin?: string;
  /** Origins whose pages may connect, beside the server's own. */
  readonly allowedOrigins?: readonly string[];
  /** As in `createWorker`. */
  readonly authenticate?: Authenticate<Env>;
  /** How long a browser session lives after it was last used. Default: 400 days, in seconds. */
  readonly sessionSeconds?: number;
  /** Limits that differ from the defaults. */
  readonly limits?: Partial<Limits>;
  /**
   * What actions, `authenticate` and `fetch` get as their environment. `HOLDFAST_SECRET` is looked for
   * here (without it a generated one is kept in `dataDir`), and `HOLDFAST_ADMIN_TOKEN`. Default: a copy
   * of `process.env`.
   */
  readonly env?: Env;
  /** An instance that nobody has needed for so long leaves memory; sockets stay. Default: 60. */
  readonly idleSeconds?: number;
  /** How long `close()` waits for actions that are under way. Default: 10. */
  readonly graceSeconds?: number;
  /** Whether SIGTERM and SIGINT close the server, and then end the process. Default: true. */
  readonly handleSignals?: boolean;
  /** Answers every request outside `/holdfast/`; see `staticFiles`. Default: 404. */
  readonly fetch?: (request: Request, env: Env) => Response | Promise<Response>;
}

/** A server that runs. */
export interface HoldfastServer<
  Modules extends ModuleEntries = ModuleEntries,
  Own extends Connections = Connections,
> extends AsyncDisposable {
  readonly port: number;
  /** `http://127.0.0.1:8787` */
  readonly url: string;
  /**
   * One instance, for code of the server. In an action, pass the `env` of its context first, so that
   * calls in a circle are found.
   *
   * @throws HoldfastError `UNKNOWN_MODULE` or `KEY_INVALID`
   *
   * @example
   * await server.instance("chat", "general").actions.send({ text: "Good morning." });
   */
  readonly instance: InstanceOf<Modules>;
  /**
   * The state to render a page with, for whoever asks for that page; as `createSnapshot` of
   * `createWorker`.
   *
   * @param request for the page, as `fetch` is given it
   * @throws HoldfastError what a connection would be refused with; `SESSION_INVALID` for a visitor who
   * has no session yet, where the instance would be the session's
   *
   * @example
   * const snapshot = await server.createSnapshot(request, "chat", "general");
   */
  createSnapshot<Name extends keyof Modules & string>(
    request: Request,
    name: Name,
    ...key: ContractOf<Modules[Name]>["keys"] extends "named" ? [key: string] : []
  ): Promise<string>;
  /**
   * Events of a connection, from code of the server that handles none of them.
   *
   * @throws HoldfastError `UNKNOWN_MODULE`
   *
   * @example
   * await server.emit("user").toRoom("chat").emit("message", { text: "Good morning." });
   */
  emit<Name extends keyof Own & string>(name: Name): ServerEmitter<EventsOf<Own[Name]>>;
  /**
   * Ends it: lets finish what is under way, makes all of it durable, has clients come back later, and
   * gives the folder free.
   */
  close(): Promise<void>;
}

const DEFAULT_PORT = 8787;
const DEFAULT_HOSTNAME = "127.0.0.1";
const DEFAULT_DATA_DIR = "holdfast-data";
const DEFAULT_IDLE_SECONDS = 60;
const DEFAULT_GRACE_SECONDS = 10;

/**
 * Serves an app's modules from this process, with everything in one folder. Resolves when it listens.
 *
 * @throws HoldfastError `DEFINITION_INVALID` for an empty or misnamed module, or for connections that
 * cannot be told apart; `STORAGE_FAILED` where
 * another process has the folder
 *
 * @example
 * const server = await serve({ modules, port: 8787, dataDir: "data" });
 */
export async function serve<
  Env = NodeJS.ProcessEnv,
  const Modules extends ModuleEntries = ModuleEntries,
  Own extends Connections = Record<never, never>,
>(options: ServeOptions<Env, Modules, Own>): Promise<HoldfastServer<Modules, Own>> {
  const { allowedOrigins = [], origin, sessionSeconds } = options;
  const app = assembleApp(options);
  const { modules, connections, limits } = app;
  // A copy: what changes there later is not the actions' business. By default it is what `Env` says.
  const env = { ...(options.env ?? process.env) } as Env;
  const folder = DataFolder.open(options.dataDir ?? DEFAULT_DATA_DIR);
  const objects = new Objects({
    modules,
    connections,
    folder,
    limits,
    env,
    idleMs: 1_000 * (options.idleSeconds ?? DEFAULT_IDLE_SECONDS),
  });
  // Whatever `Env` is, these are looked for in it.
  const { HOLDFAST_SECRET: secrets, HOLDFAST_ADMIN_TOKEN: token } = env as Record<string, unknown>;
  const sessions = await openSessions(secrets, () => folder.secret(), sessionSeconds);

  const admission = { ...app, sessions, allowedOrigins, env };
  const sockets = new Sockets({
    objects,
    limits,
    isForSockets: (path) => isForSockets(path, connections),
    admit: (request, credentials) => admitHere(request, credentials, admission),
  });

  const ask = ({ name, binding }: AdminTarget, task: AdminTask): Promise<AdminAnswer> => {
    const home = objects.at(binding === undefined ? name : connectionHome(binding, name));
    return home.use((instance) => instance.administer(task));
  };

  const answer = (request: Request): Promise<Response> =>
    route(request, connections, {
      session: () =>
        answerSession(request, sessions, allowedOrigins).catch((error: unknown) =>
          refusedRequest(asRefusal(error)),
        ),
      // Those that are sockets come as upgrades.
      connect: notASocket,
      admin: () =>
        answerAdmin(request, {
          token,
          modules,
          connections,
          limits,
          ask,
          inspectRoom: (room) => objects.room(roomHome(room)).use((held) => held.inspect()),
        }),
      fetch: () => options.fetch?.(request, env),
    });

  const listener = await Listener.start({
    port: options.port ?? DEFAULT_PORT,
    hostname: options.hostname ?? DEFAULT_HOSTNAME,
    origin,
    answer,
    upgrade: (...upgrade) => sockets.upgrade(...upgrade),
  }).catch((error: unknown) => {
    folder[Symbol.dispose]();
    throw error;
  });
  objects.start();

  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= end());
  const ignoreSignals = options.handleSignals === false ? () => {} : closeOnSignals(close);
  async function end(): Promise<void> {
    ignoreSignals();
    sockets.admitNobody();
    await objects.close(1_000 * (options.graceSeconds ?? DEFAULT_GRACE_SECONDS));
    await sockets.close();
    await listener.close();
    folder[Symbol.dispose]();
  }

  return {
    port: listener.port,
    url: listener.url,
    ...callIn<Modules, Own>(app, objects, objects.residents),
    async createSnapshot(request, moduleName, ...[key]) {
      const { key: own, identity } = await admitPage(request, { moduleName, key }, admission);
      return findSnapshot(own, (place, generation) =>
        objects
          .at(instanceName(moduleName, place))
          .use((one) => one.snapshot({ ...identity, generation })),
      );
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
