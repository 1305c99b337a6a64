import { HoldfastError } from "@holdfast/protocol";
import type { ConnectionIdentity } from "../host/connection.ts";
import { followSession, type Offered } from "../host/move/follow-session.ts";
import type { AdmittedHere } from "./admit-here.ts";
import type { Places } from "./move-port.ts";

/**
 * Brings somebody who was admitted to the home of the instance that they belong to.
 *
 * @param take lets them in there
 * @throws HoldfastError `BUSY`, and what the instance refuses them with
 */
export async function reachHere<Home extends ReturnType<Places["at"]>, Taken>(
  { home: homeOf, key, identity }: AdmittedHere,
  at: (name: string) => Home,
  take: (home: Home, identity: ConnectionIdentity) => Taken,
): Promise<Taken> {
  return followSession(key, async (place, generation): Promise<Offered<Taken>> => {
    const home = at(homeOf(place));
    const offered = { ...identity, generation };
    const where = await home.use((instance) => instance.locate(offered));
    if (where instanceof HoldfastError) throw where;
    if (where.type !== "here") return where;
    return { type: "taken", taken: take(home, { ...offered, generation: where.generation }) };
  });
}
