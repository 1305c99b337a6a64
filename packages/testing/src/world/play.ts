import { perform } from "./perform.ts";
import { misseen } from "./presence-oracle.ts";
import { Random } from "../random.ts";
import type { EventType, Script } from "./step.ts";
import { judge } from "./verdict.ts";
import { type Breach, World } from "./world.ts";

/** What came of a script. */
export interface Played {
  /** The first thing that must not be; `undefined` when all guarantees held. */
  readonly breach: Breach | undefined;
  /** Line by line what happened, if it was asked for. */
  readonly transcript: readonly string[];
  readonly figures: {
    readonly versions: number;
    readonly actions: number;
    readonly deaths: number;
    readonly sockets: number;
    readonly events: Readonly<Partial<Record<EventType, number>>>;
    /** The canonical encoding of the state at the end. */
    readonly end: string;
  };
}

/** After its last fault the world must come to rest in so long. */
const REST_WITHIN_MS = 5 * 60_000;
/** So much happens at most on the way; more means that it goes round in circles. */
const MOST_HAPPENINGS = 50_000;

/** Plays a script from beginning to end, heals the world, and judges what is left. */
export async function play(
  script: Script,
  options: { readonly transcript?: boolean } = {},
): Promise<Played> {
  const world = new World(script, options);
  try {
    world.historian.live(script.past);
    for (const principal of script.principals) world.addPage(principal);
    await world.settle();
    for (const [index, step] of script.steps.entries()) {
      if (world.breaches.length > 0) break;
      world.step = index;
      world.log(() => `── step ${index}: ${step.type}`);
      world.random = new Random(step.seed);
      await perform(world, step);
      await world.settle();
      for (let left = step.deliveries; left > 0 && (await world.happen()); left--) {
        world.clock.now += world.random.between(0, 4);
      }
      await pass(world, step.pauseMs);
    }
    if (world.breaches.length === 0) {
      world.step = script.steps.length;
      await heal(world);
      judge(world);
    }
    return { ...summarize(world, script), transcript: world.transcript ?? [] };
  } finally {
    world.dispose();
  }
}

/** Lets time pass; what is under way arrives sooner or later. */
async function pass(world: World, ms: number): Promise<void> {
  const { clock } = world;
  const end = clock.now + ms;
  while (clock.now < end && world.breaches.length === 0) {
    if (world.random.chance(0.85) && (await world.happen())) {
      clock.now += world.random.between(0, 4);
      continue;
    }
    const pause = clock.now + world.random.between(1, 500);
    clock.now = Math.min(end, Math.max(clock.now, Math.min(clock.next ?? end, pause)));
  }
}

/** No more faults: everything must come right by itself. */
async function heal(world: World): Promise<void> {
  const { clock, server, network } = world;
  world.log(() => "── healed");
  world.random = new Random(world.step);
  server.heal();
  network.heal();
  // Code that was deployed while nothing happened has not run yet.
  world.wake();
  for (const page of [...world.livePages, ...world.oldPages]) {
    page.environment.wake();
    page.environment.setOnline(true);
    page.environment.setVisible(true);
    page.open();
  }
  await world.settle();
  const end = clock.now + REST_WITHIN_MS;
  for (let left = MOST_HAPPENINGS; world.breaches.length === 0;) {
    if (await world.happen()) {
      if (--left > 0) continue;
      world.breach("[G13] The world does not come to rest: something goes round in circles");
    }
    if (isAtRest(world)) return;
    if (clock.next === undefined || clock.next > end) {
      world.breach(`[G13] Not at rest after ${REST_WITHIN_MS / 1000} s: ${describe(world)}`);
    }
    clock.now = Math.max(clock.now, clock.next ?? end);
  }
}

function isAtRest(world: World): boolean {
  return (
    world.server.isIdle &&
    world.livePages.every(
      (page) =>
        page.shown.status === "live" &&
        page.shown.pending === 0 &&
        // Half-open, and not noticed yet.
        !world.network.lineOf(page)?.isBlack,
    ) &&
    world.oldPages.every(({ shown }) => shown.status === "closed") &&
    misseen(world.livePages) === undefined
  );
}

function describe(world: World): string {
  const pages = world.livePages.map(
    ({ label, shown }) =>
      `${label} ${shown.status} (${shown.error?.code}), ${shown.pending} pending`,
  );
  return [...pages, misseen(world.livePages) ?? "all are seen"].join("; ");
}

function summarize(world: World, script: Script): Omit<Played, "transcript"> {
  const events: Partial<Record<EventType, number>> = {};
  for (const { type } of script.steps) events[type] = (events[type] ?? 0) + 1;
  return {
    breach: world.breaches[0],
    figures: {
      versions: world.history.size,
      actions: world.pages.reduce((sum, { actions }) => sum + actions.length, 0),
      deaths: world.deaths,
      sockets: world.pages.reduce((sum, { environment }) => sum + environment.attempts.length, 0),
      events,
      end: world.history.head?.text ?? "",
    },
  };
}
