import { HoldfastError, type Limits } from "@holdfast/protocol";
import type { Modules } from "../module/definition.ts";
import { instanceName } from "../module/instance-name.ts";
import { resolveKey } from "../module/key-strategy.ts";
import type { Sessions } from "./session.ts";

/** Somebody who may connect, and the object to wake for them. */
export interface Admitted {
  readonly name: string;
  readonly identity: { readonly principal: string; readonly session: string };
}

/**
 * Decides on a request to connect, before anything wakes (G18).
 *
 * @throws HoldfastError `ORIGIN_FORBIDDEN`, `UNKNOWN_MODULE`, `SESSION_INVALID`, `KEY_INVALID` or
 * `FORBIDDEN`
 */
export async function admit(
  request: Request,
  parts: {
    readonly modules: Modules;
    readonly sessions: Sessions;
    readonly allowedOrigins: readonly string[];
    readonly limits: Limits;
    readonly env: unknown;
  },
): Promise<Admitted> {
  const url = new URL(request.url);
  checkOrigin(request, parts.allowedOrigins);
  const moduleName = moduleNameOf(url);
  const module = Object.hasOwn(parts.modules, moduleName) ? parts.modules[moduleName] : undefined;
  if (!module) {
    throw new HoldfastError(
      "UNKNOWN_MODULE",
      "The server has no module of that name. Add it to `modules`, or correct the name; after a deploy, reload the page.",
    );
  }
  const session = await parts.sessions.verify(request);
  if (session === undefined) {
    throw new HoldfastError(
      "SESSION_INVALID",
      "The session is missing or was not made by this server. Ask for a new one: POST /holdfast/session.",
    );
  }
  const key = await resolveKey(
    module.strategy,
    url.searchParams.get("key"),
    { session: { id: session }, env: parts.env },
    parts.limits,
  );
  return { name: instanceName(moduleName, key), identity: { principal: session, session } };
}

/**
 * By default a page may connect to the server that it came from. Browsers always say where a page
 * came from; who says nothing would ride on a cookie, so it is refused.
 *
 * @throws HoldfastError `ORIGIN_FORBIDDEN`
 */
export function checkOrigin(request: Request, allowedOrigins: readonly string[]): void {
  const origin = request.headers.get("Origin");
  if (
    origin !== null &&
    (origin === new URL(request.url).origin || allowedOrigins.includes(origin))
  ) {
    return;
  }
  throw new HoldfastError(
    "ORIGIN_FORBIDDEN",
    origin === null
      ? "The request names no Origin. Browsers name it by themselves; other clients have to set it."
      : "Pages of this origin may not connect. Add it to createWorker({ allowedOrigins }).",
  );
}

function moduleNameOf(url: URL): string {
  try {
    return decodeURIComponent(url.pathname.slice(CONNECT_PATH.length));
  } catch {
    return "";
  }
}

/** `GET /holdfast/connect/<module>?key=<key>` */
export const CONNECT_PATH = "/holdfast/connect/";
