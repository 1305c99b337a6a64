import { HoldfastError } from "@holdfast/protocol";
import { placeName } from "../../module/place.ts";
import type { Whereabouts } from "./moves.ts";

/** A session that moves while it is looked for is looked for again, so often. */
const MOST_ATTEMPTS = 5;

/** What an instance says to a connection that it is offered: `taken`, or where else to look. */
export type Offered<Taken> =
  | { readonly type: "taken"; readonly taken: Taken }
  | Exclude<Whereabouts, { readonly type: "here" }>;

/**
 * Brings a connection to the instance that it belongs to. For a derived key that is the session's own
 * first, which alone knows where the session is; no answer of it outlives the request.
 *
 * @param key the instance's own
 * @param offer asks the instance of that key
 * @throws HoldfastError `BUSY`, and what `offer` throws
 */
export async function followSession<Taken>(
  key: string,
  offer: (key: string, generation: number) => Promise<Offered<Taken>>,
): Promise<Taken> {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const where = await offer(key, 0);
    if (where.type === "taken") return where.taken;
    if (where.type !== "elsewhere") continue;
    const there = await offer(placeName({ type: "key", key: where.key }), where.generation);
    if (there.type === "taken") return there.taken;
  }
  throw new HoldfastError(
    "BUSY",
    "The session is moving to another key. Connect again in a moment.",
  );
}
