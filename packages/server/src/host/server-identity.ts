import type { ConnectionIdentity } from "./connection.ts";

/** Who runs what nobody's connection brought: schedules, alarms, the server's own calls. */
export const SERVER: ConnectionIdentity = {
  principal: "server",
  session: "",
  user: null,
  expires: undefined,
  generation: 0,
};

/** The session that somebody acts for; `undefined` for the server itself. */
export function sessionOf({ session }: ConnectionIdentity): string | undefined {
  return session === SERVER.session ? undefined : session;
}
