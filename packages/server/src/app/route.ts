import { CONNECT_PATH } from "../admission/admit.ts";
import { ADMIN_PATH } from "../admission/answer-admin.ts";
import type { Connections } from "../connection/define-connection.ts";

type Answer = Response | Promise<Response>;

/** What a platform does with requests, by what they are for. */
export interface Doors {
  readonly session: () => Answer;
  readonly connect: () => Answer;
  /** `undefined`: there is no such task, or the surface is off. */
  readonly admin: () => Promise<Response | undefined>;
  /** The app's own addresses; `undefined`: it has none. */
  readonly fetch: () => Answer | undefined;
}

/** Brings a request to the door that it is for: which addresses are Holdfast's stands here alone. */
export async function route(
  request: Request,
  connections: Connections,
  doors: Doors,
): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname === SESSION_PATH) return doors.session();
  if (isForSockets(pathname, connections)) return doors.connect();
  if (pathname.startsWith(ADMIN_PATH)) {
    const answer = await doors.admin();
    if (answer) return answer;
  }
  if (pathname.startsWith(OWN_PATH)) {
    return new Response("Holdfast has nothing here.", { status: 404 });
  }
  return doors.fetch() ?? new Response("Not found.", { status: 404 });
}

/** Whether sockets connect at this path. */
export function isForSockets(path: string, connections: Connections): boolean {
  if (path.startsWith(CONNECT_PATH)) return true;
  return Object.values(connections).some(({ websocketPath }) => websocketPath === path);
}

/** What anybody but a socket is told there. */
export function notASocket(): Response {
  return new Response("This address is for WebSockets.", { status: 426 });
}

const OWN_PATH = "/holdfast/";
const SESSION_PATH = `${OWN_PATH}session`;
