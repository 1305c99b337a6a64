import { HoldfastError, kindOf, type Limits, type ValueObject } from "@holdfast/protocol";
import { connectionKey } from "../connection/connection-key.ts";
import type { ConnectionDefinition, Connections } from "../connection/define-connection.ts";
import type { ConnectionIdentity } from "../host/connection.ts";
import { checkMeta } from "../host/connection-side.ts";
import { keyProblem } from "../module/key-strategy.ts";
import {
  type AdmissionParts,
  checkOrigin,
  hasToken,
  identify,
  moduleNameOf,
  provenSession,
} from "./admit.ts";
import { type Credentials, requestToAuthenticate } from "./credentials.ts";

/** Somebody who may connect, and whose instance it is. */
export interface AdmittedConnection {
  readonly key: string;
  readonly identity: ConnectionIdentity;
}

/** Under which name clients ask for a connection where they ask for modules. */
export const PREFIX = "connection:";

/** The connection that a request is for; `undefined`: it is for a module. */
export function connectionOf(url: URL, connections: Connections): ConnectionDefinition | undefined {
  for (const connection of Object.values(connections)) {
    if (connection.websocketPath === url.pathname) return connection;
  }
  return connectionNamed(moduleNameOf(url), connections);
}

/** The connection that stands under `connection:<name>` where modules stand by their names. */
export function connectionNamed(
  name: string,
  connections: Connections,
): ConnectionDefinition | undefined {
  if (!name.startsWith(PREFIX)) return undefined;
  const asked = name.slice(PREFIX.length);
  return Object.hasOwn(connections, asked) ? connections[asked] : undefined;
}

/**
 * Decides on a request to connect, before anything wakes (G18).
 *
 * @throws HoldfastError `ORIGIN_FORBIDDEN`, `SESSION_INVALID`, `UNAUTHENTICATED`, `META_TOO_LARGE`,
 * `DEFINITION_INVALID`, `FORBIDDEN`, or what `extractMeta` throws
 */
export async function admitConnection(
  connection: ConnectionDefinition,
  request: Request,
  { credentials, parts }: { readonly credentials: Credentials; readonly parts: AdmissionParts },
): Promise<AdmittedConnection> {
  checkOrigin(request, parts.allowedOrigins, hasToken(credentials));
  const session = await provenSession(request, credentials, parts.sessions);
  const asking = requestToAuthenticate(request, credentials);
  const identity = await identify(session, asking, parts.limits.metaBytes, parts);
  const user = identity.user ?? { id: session };
  const extra = checkedMeta(
    connection.name,
    await connection.extractMeta(asking, {
      session: { id: session },
      user,
      env: parts.env,
    }),
    parts.limits,
  );
  checkMeta(identity.user, extra, parts.limits);
  // `checkedMeta` has looked at it.
  const userId = extra["userId"] as string;
  if (parts.authenticate && userId !== user.id) {
    throw new HoldfastError("FORBIDDEN", "This is another user's connection.");
  }
  const key = connectionKey(
    identity.user
      ? { type: "user", user: identity.user.id }
      : { type: "session", session, user: userId },
  );
  return { key, identity: { ...identity, extra } };
}

function checkedMeta(name: string, meta: unknown, limits: Limits): ValueObject {
  if (typeof meta !== "object" || meta === null || kindOf(meta) !== "object") {
    return invalid(name, "returned no plain object");
  }
  // True as far as it goes: both are looked at before they are used.
  const { userId, channels = [] } = meta as { userId?: unknown; channels?: unknown };
  if (typeof userId !== "string" || userId === "") {
    invalid(name, "returned no `userId`, a text with something in it");
  } else {
    const problem = keyProblem(userId, limits);
    if (problem) invalid(name, `returned a bad \`userId\`: ${problem}`);
  }
  const areNames =
    Array.isArray(channels) &&
    channels.every((one) => typeof one === "string" && one !== "" && !keyProblem(one, limits));
  if (!areNames) invalid(name, "returned `channels` that are no list of names");
  // It is a plain object.
  return meta as ValueObject;
}

function invalid(name: string, problem: string): never {
  console.error(`Holdfast: extractMeta() of "${name}" ${problem.replace(/\.$/, "")}.`);
  throw new HoldfastError(
    "DEFINITION_INVALID",
    "The server's extractMeta() is wrong; its log says how.",
  );
}
