import { HoldfastError, type WireError } from "@holdfast/protocol";
import type { Authority } from "./authority.ts";
import { type Connection, type ConnectionIdentity, newMeta } from "./connection.ts";
import { followSession, type Offered } from "./move/follow-session.ts";
import type { Recap } from "./recap.ts";
import type { Views } from "./view/views.ts";

/**
 * The state as somebody would be given it who connects now, as the message that they would get: to
 * render a page with.
 *
 * @throws HoldfastError `FORBIDDEN`, or what the module's `authorize` or `view` throws
 */
export function pageSnapshot(
  identity: ConnectionIdentity,
  { authority, views, recap }: { authority: Authority; views: Views; recap: Recap },
): string {
  authority.connect(identity);
  const visitor = new Visitor(identity);
  try {
    return recap.snapshot(views.of(visitor)).text;
  } finally {
    views.forget(visitor);
  }
}

/** What an instance answers who asks for its snapshot: that, where else to look, or why not. */
export type SnapshotAnswer =
  | Offered<string>
  | { readonly type: "refused"; readonly error: WireError };

/**
 * The snapshot of the instance that somebody would connect to.
 *
 * @param key the instance's own
 * @param ask asks the instance of that key
 * @throws HoldfastError what it was refused with, or `BUSY`
 */
export function findSnapshot(
  key: string,
  ask: (key: string, generation: number) => Promise<SnapshotAnswer>,
): Promise<string> {
  return followSession(key, async (place, generation) => {
    const answer = await ask(place, generation);
    if (answer.type !== "refused") return answer;
    throw new HoldfastError(answer.error.code, answer.error.message);
  });
}

/** Asked for a view like a connection; nobody sends to it. */
class Visitor implements Connection {
  readonly meta: Connection["meta"];

  constructor(identity: ConnectionIdentity) {
    this.meta = newMeta(identity);
  }

  remember(): void {}
  send(): void {}
  close(): void {}
}
