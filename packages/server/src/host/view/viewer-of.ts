import type { Viewer } from "../../module/view.ts";
import type { ConnectionMeta } from "../connection.ts";

/** Whom a view, `authorize` and hooks see behind a connection. */
export function viewerOf({ principal, session }: ConnectionMeta): Viewer {
  return { session: { id: session }, user: { id: principal }, meta: {} };
}
