import { HoldfastError, type Limits } from "@holdfast/protocol";
import type { ConnectionIdentity } from "../host/connection.ts";
import type { ModuleDefinition, Modules } from "../module/definition.ts";
import { resolveKey } from "../module/key-strategy.ts";
import { type Authenticate, callAuthenticate, NOBODY } from "./authenticate.ts";
import { type Credentials, requestToAuthenticate } from "./credentials.ts";
import type { Sessions } from "./session.ts";

/** Somebody who may connect, and where to. */
export interface Admitted {
  readonly module: ModuleDefinition;
  /** As storage calls it. */
  readonly moduleName: string;
  readonly key: string;
  readonly identity: ConnectionIdentity;
}

/** What admission decides by. */
export interface AdmissionParts {
  readonly modules: Modules;
  readonly sessions: Sessions;
  readonly authenticate: Authenticate | undefined;
  readonly allowedOrigins: readonly string[];
  readonly limits: Limits;
  readonly env: unknown;
}

/**
 * Decides on a request to connect, before anything wakes (G18).
 *
 * @throws HoldfastError `ORIGIN_FORBIDDEN`, `UNKNOWN_MODULE`, `SESSION_INVALID`, `UNAUTHENTICATED`,
 * `META_TOO_LARGE`, `KEY_INVALID` or `FORBIDDEN`
 */
export async function admit(
  request: Request,
  credentials: Credentials,
  parts: AdmissionParts,
): Promise<Admitted> {
  const url = new URL(request.url);
  checkOrigin(request, parts.allowedOrigins, hasToken(credentials));
  const moduleName = moduleNameOf(url);
  const module = moduleNamed(parts.modules, moduleName);
  const session = await provenSession(request, credentials, parts.sessions);
  const asking = requestToAuthenticate(request, credentials);
  const asked = { moduleName, module, key: url.searchParams.get("key") };
  return await admitSession(session, asking, asked, parts);
}

/** @throws HoldfastError `UNKNOWN_MODULE` */
export function moduleNamed(modules: Modules, name: string): ModuleDefinition {
  const module = Object.hasOwn(modules, name) ? modules[name] : undefined;
  if (module) return module;
  throw new HoldfastError(
    "UNKNOWN_MODULE",
    "The server has no module of that name. Add it to `modules`, or correct the name; after a deploy, reload the page.",
  );
}

/**
 * Decides on a session that is proven.
 *
 * @param request as `authenticate` gets it
 * @throws HoldfastError `UNAUTHENTICATED`, `META_TOO_LARGE`, `KEY_INVALID` or `FORBIDDEN`
 */
export async function admitSession(
  session: string,
  request: Request,
  asked: {
    readonly moduleName: string;
    readonly module: ModuleDefinition;
    /** As the client names it. */
    readonly key: string | null;
  },
  parts: AdmissionParts,
): Promise<Admitted> {
  const { module, moduleName } = asked;
  const { env, limits } = parts;
  // What is kept with a connection shares one room: presence has its part of it for sure.
  const metaBytes = limits.metaBytes - (module.presence ? limits.presenceBytes : 0);
  const identity = await identify(session, request, metaBytes, parts);
  const client = { session: { id: session }, user: identity.user, env };
  const key = await resolveKey(module.strategy, asked.key, client, limits);
  return { module, moduleName: module.name ?? moduleName, key, identity };
}

/**
 * Who somebody with this session is.
 *
 * @param request as `authenticate` gets it
 * @param metaBytes room for the user
 * @throws HoldfastError `UNAUTHENTICATED` or `META_TOO_LARGE`
 */
export async function identify(
  session: string,
  request: Request,
  metaBytes: number,
  { authenticate, env, limits }: AdmissionParts,
): Promise<ConnectionIdentity> {
  const { user, expires } = authenticate
    ? await callAuthenticate(authenticate, request, { env, metaBytes, limits, now: Date.now() })
    : NOBODY;
  // The id of a session holds no colon: no user is ever taken for a session.
  const principal = user ? `user:${user.id}` : session;
  return { principal, session, user, expires, generation: 0 };
}

/** Something that a browser does not send along by itself. */
export function hasToken({ token, session }: Credentials): boolean {
  return token !== undefined || session !== undefined;
}

export async function provenSession(
  request: Request,
  { session }: Credentials,
  sessions: Sessions,
): Promise<string> {
  // Without an Origin a cookie proves nothing: it rides along with whoever asks.
  const byCookie = session === undefined && request.headers.has("Origin");
  const proven = await (byCookie ? sessions.verifyCookie(request) : sessions.verify(session));
  if (proven) return proven.id;
  throw new HoldfastError(
    "SESSION_INVALID",
    "The session is missing, over, or was not made by this server. Ask for a new one: POST /holdfast/session.",
  );
}

/**
 * By default a page may connect to the server that it came from. Browsers always say where a page
 * came from; who says nothing has to bring a token, and its cookies do not count.
 *
 * @throws HoldfastError `ORIGIN_FORBIDDEN`
 */
export function checkOrigin(
  request: Request,
  allowedOrigins: readonly string[],
  hasToken: boolean,
): void {
  const origin = request.headers.get("Origin");
  if (
    origin === null
      ? hasToken
      : origin === new URL(request.url).origin || allowedOrigins.includes(origin)
  ) {
    return;
  }
  throw new HoldfastError(
    "ORIGIN_FORBIDDEN",
    origin === null
      ? "The request names no Origin, and brings no token. Browsers name it by themselves; other clients connect with a token, or a session that is no cookie."
      : "Pages of this origin may not connect. Add it to `allowedOrigins`.",
  );
}

export function moduleNameOf(url: URL): string {
  try {
    return decodeURIComponent(url.pathname.slice(CONNECT_PATH.length));
  } catch {
    return "";
  }
}

/** `GET /holdfast/connect/<module>?key=<key>` */
export const CONNECT_PATH = "/holdfast/connect/";
