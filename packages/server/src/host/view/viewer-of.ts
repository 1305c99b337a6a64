import type { Viewer } from "../../module/view.ts";
import type { ConnectionMeta } from "../connection.ts";

/** Whom a view sees behind a connection. */
export function viewerOf({ session, user, extra = {} }: ConnectionMeta): Viewer {
  return { session: { id: session }, user: user ?? { id: session }, meta: extra };
}
