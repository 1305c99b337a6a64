import type { ProofOptions, ProofReport } from "./report.ts";
import { RoomsHistory } from "./rooms/history.ts";

/** A bug breaks many histories; a few of them say enough. */
const MOST_TOLD = 10;

/**
 * `n` random histories of users with several pages in rooms: the real client, the real connections and
 * rooms on SQLite, objects and links that die, memory that goes, calls between objects that come late,
 * do not arrive, or lose their answers. Events of users happen exactly once; those of rooms arrive at
 * most once, in one order, never before their commit; memberships outlive everything, and nobody who
 * has left or gone is in a room.
 */
export async function rooms({ n, seed, short, progress }: ProofOptions): Promise<ProofReport> {
  const sums = { said: 0, heard: 0, kills: 0 };
  const failures: string[] = [];
  const most = short ? 1 : MOST_TOLD;
  for (let index = 0; index < n && failures.length < most; index++) {
    const failing = `seed ${seed + index}`;
    try {
      const { breaches, ...figures } = await RoomsHistory.play(seed + index);
      for (const key of ["said", "heard", "kills"] as const) sums[key] += figures[key];
      if (breaches.length > 0)
        failures.push([`${failing}: ${breaches[0]}`, ...breaches.slice(1, 4)].join("\n      "));
    } catch (error) {
      failures.push(`${failing}: ${error instanceof Error ? error.stack : String(error)}`);
    }
    if ((index + 1) % 100 === 0) progress(`${index + 1} histories, ${failures.length} failed`);
  }
  return {
    name: "rooms",
    passed: failures.length === 0,
    figures: { histories: n, ...sums, "histories failed": failures.length },
    failures,
  };
}
