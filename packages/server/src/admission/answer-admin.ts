import { HoldfastError, type Limits } from "@holdfast/protocol";
import { parseConnectionKey } from "../connection/connection-key.ts";
import type { Connections } from "../connection/define-connection.ts";
import type { RoomReport } from "../connection/room/held-room.ts";
import type { AdminAnswer, AdminTask } from "../host/administration.ts";
import { targetName } from "../host/instance-handle.ts";
import type { Modules } from "../module/definition.ts";
import { describeModule, describeModules } from "../module/describe-module.ts";
import { instanceName } from "../module/instance-name.ts";
import { connectionNamed, PREFIX } from "./admit-connection.ts";
import { keyProblem } from "../module/key-strategy.ts";
import { readText } from "./read-text.ts";
import { asRefusal, refusedRequest } from "./refusal.ts";

/** What the admin surface works with. */
export interface AdminParts {
  /** `HOLDFAST_ADMIN_TOKEN`. */
  readonly token: unknown;
  readonly modules: Modules;
  readonly connections: Connections;
  readonly limits: Limits;
  readonly inspectRoom: (room: string) => Promise<RoomReport>;
  readonly ask: (target: AdminTarget, task: AdminTask) => Promise<AdminAnswer>;
}

/** An instance; of a connection where `binding` names its class. */
export interface AdminTarget {
  readonly name: string;
  readonly binding?: string;
}

export const ADMIN_PATH = "/holdfast/admin/";

/** Guessing has to be hopeless, as nothing counts the guesses. */
const LEAST_TOKEN_CHARACTERS = 24;

/**
 * The admin surface, for whoever has `HOLDFAST_ADMIN_TOKEN` (`Authorization: Bearer`); for everybody
 * else, and where none is set, there is nothing here (`undefined`).
 *
 *   GET  /holdfast/admin/inspect                   the modules, and `connection:<name>` for connections
 *   GET  /holdfast/admin/inspect?module=…&key=…    one instance: `InstanceReport`; `&commits=20` of
 *                                                  its journal as well
 *   GET  /holdfast/admin/inspect?room=…            one room: `RoomReport`
 *   GET  /holdfast/admin/export?module=…&key=…     a backup
 *   POST /holdfast/admin/import?module=…&key=…     puts the backup in the body in the state's place
 */
export async function answerAdmin(
  request: Request,
  parts: AdminParts,
): Promise<Response | undefined> {
  if (!(await isOperator(request, parts.token))) return undefined;
  try {
    return await answer(request, parts);
  } catch (error) {
    return refusedRequest(asRefusal(error));
  }
}

async function answer(request: Request, parts: AdminParts): Promise<Response | undefined> {
  const { modules, connections, limits, ask, inspectRoom } = parts;
  const { pathname, searchParams } = new URL(request.url);
  const module = searchParams.get("module");
  const name = `${request.method} ${pathname.slice(ADMIN_PATH.length)}`;
  if (name === "GET inspect" && module === null) {
    const room = searchParams.get("room");
    if (room === null) return json(JSON.stringify(listOf(modules, connections)));
    const problem = room === "" ? "Which room? Name it." : keyProblem(room, limits);
    if (problem) throw new HoldfastError("KEY_INVALID", problem);
    return json(JSON.stringify(await inspectRoom(room)));
  }
  const task = await taskOf(name, request, limits);
  if (!task) return undefined;
  const key = searchParams.get("key") ?? undefined;
  const outcome = await ask(
    connectionTarget(module ?? "", key, connections) ?? {
      name: targetName(modules, limits, module ?? "", key),
    },
    task,
  );
  if (outcome.type === "done") return json(outcome.text);
  const { code, message } = outcome.error;
  return refusedRequest(new HoldfastError(code, message));
}

async function taskOf(
  name: string,
  request: Request,
  limits: Limits,
): Promise<AdminTask | undefined> {
  switch (name) {
    case "GET inspect":
      return { type: "inspect", commits: commitsOf(request) };
    case "GET export":
      return { type: "export" };
    case "POST import":
      return { type: "import", backup: await readText(request, limits.assembledBytes) };
    default:
      return undefined;
  }
}

/** At most as many as anybody reads. */
const MOST_COMMITS = 1_000;

function commitsOf(request: Request): number {
  const asked = Number(new URL(request.url).searchParams.get("commits") ?? 0);
  return Number.isInteger(asked) ? Math.min(Math.max(asked, 0), MOST_COMMITS) : 0;
}

/** @throws HoldfastError `KEY_INVALID` */
function connectionTarget(
  module: string,
  key: string | undefined,
  connections: Connections,
): AdminTarget | undefined {
  const connection = connectionNamed(module, connections);
  if (!connection) return undefined;
  if (key !== undefined && parseConnectionKey(key)) {
    return { name: instanceName(connection.name, key), binding: connection.connectionBinding };
  }
  throw new HoldfastError(
    "KEY_INVALID",
    "The key of a connection's instance is user:<id>, or session:<session>:<user id> where authenticate knows nobody.",
  );
}

function listOf(modules: Modules, connections: Connections): unknown {
  const others = Object.entries(connections).map(([name, { module }]) => {
    return { ...describeModule(`${PREFIX}${name}`, module), keys: "user" };
  });
  return { modules: [...describeModules(modules), ...others] };
}

function json(text: string): Response {
  const headers = { "Content-Type": "application/json", "Cache-Control": "no-store" };
  return text === ""
    ? new Response(null, { status: 204, headers })
    : new Response(text, { headers });
}

async function isOperator(request: Request, token: unknown): Promise<boolean> {
  if (typeof token !== "string" || token === "") return false;
  if (token.length < LEAST_TOKEN_CHARACTERS) {
    console.warn(
      `Holdfast: HOLDFAST_ADMIN_TOKEN is shorter than ${LEAST_TOKEN_CHARACTERS} characters, so the admin surface stays off.`,
    );
    return false;
  }
  const [, brought = ""] = /^Bearer (.+)$/.exec(request.headers.get("Authorization") ?? "") ?? [];
  const [ours, theirs] = [await digest(token), await digest(brought)];
  // All of it, always: how long it takes says nothing.
  let differs = 0;
  for (const [at, byte] of ours.entries()) differs |= byte ^ (theirs[at] ?? 0);
  return differs === 0;
}

async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}
