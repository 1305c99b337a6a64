import type { PageAction } from "../world/board.ts";
import { EDITS, type EditName } from "../world/edits.ts";
import type { Order, Pace } from "../world/order.ts";
import { Random } from "../random.ts";

/** One thing that a client does; behind it everything comes to rest. */
export type HibernationStep =
  | { readonly type: "act"; readonly client: number; readonly actions: readonly Act[] }
  /** Sends again what it sent last, as if the answers had been lost. */
  | { readonly type: "again"; readonly client: number }
  /** Comes back on another link, from the version that it has. */
  | { readonly type: "reconnect"; readonly client: number };

export interface Act {
  readonly name: PageAction;
  readonly order: Order;
}

export const HIBERNATION_CLIENTS = 2;
const STEPS = 10;

// True because EDITS has no other keys.
const EDIT_NAMES = Object.keys(EDITS) as EditName[];

/**
 * What clients do at one instance, each step to its end before the next: what they are told may then
 * depend on nothing but that, however often the instance has been out of memory in between.
 */
export function drawHibernationScript(seed: number): readonly HibernationStep[] {
  const random = new Random(seed);
  let orders = 0;
  return Array.from({ length: STEPS }, (): HibernationStep => {
    const client = random.between(0, HIBERNATION_CLIENTS - 1);
    const type = random.weighted({ act: 14, again: 2, reconnect: 3 });
    if (type !== "act") return { type, client };
    const count = random.between(1, 3);
    // One of them at most awaits: the order in which several end is theirs.
    const awaits = random.chance(0.3) ? random.between(0, count - 1) : -1;
    const actions = Array.from({ length: count }, (_, index) =>
      drawAct(random, `${client}.${++orders}`, index === awaits),
    );
    return { type, client, actions };
  });
}

function drawAct(random: Random, id: string, awaits: boolean): Act {
  const edits = Array.from({ length: random.between(1, 3) }, () => random.pick(EDIT_NAMES));
  const order: Order = { id, seed: random.seed(), edits };
  if (awaits) return { name: "serial", order: { ...order, pace: drawPace(random, edits.length) } };
  // None that changes nothing: its answer is in memory until a row takes it along, and a client that
  // has not reported it may see it run again (docs/design/0001).
  if (random.chance(0.8)) return { name: "edit", order };
  const failure = random.weighted({ refuse: 3, store: 1, maybe: 2 });
  return { name: "edit", order: { ...order, failure } };
}

function drawPace(random: Random, edits: number): Pace {
  return {
    behind: Array.from({ length: edits }, () => {
      const type = random.weighted({ on: 2, pause: 3, commit: 2 });
      return type === "on" ? { type } : { type, ms: random.pick([0, 0, 2, 5]) };
    }),
  };
}
