import { EDITS, type EditName, type FailureName } from "./edits.ts";
import type { Pace, Stop } from "./order.ts";
import type { Foresight } from "./predictions.ts";
import { Random } from "../random.ts";
import type { Event, EventType, Moment, PlannedAction, Script, Step } from "./step.ts";

/** `show` is put in between, by chance of its own. */
type DrawnType = Exclude<EventType, "show">;

/** How often each event comes, against the others. */
const WEIGHTS: Readonly<Record<DrawnType, number>> = {
  act: 40,
  cut: 8,
  delay: 4,
  "half-open": 2,
  unanswered: 1,
  duplicate: 4,
  truncate: 1,
  visit: 2,
  impostor: 1,
  evict: 5,
  deploy: 1,
  kill: 7,
  fail: 4,
  reload: 2,
  "second tab": 1.5,
  leave: 1,
  return: 1.5,
  "back up": 2,
  restore: 1.5,
  "old client": 0.5,
  network: 3,
  visibility: 2,
  clock: 1,
  sleep: 1,
  wait: 9,
};

const STEPS = 40;

/** Times that mean something to somebody: a moment, a back-off, a heartbeat, a deadline. */
const PAUSES_MS = [50, 500, 3_000, 6_000, 15_000, 40_000];

/** The script that a seed stands for. */
export function drawScript(seed: number, steps: number = STEPS): Script {
  const random = new Random(seed);
  const pages = random.between(2, 5);
  return {
    seed,
    durability: random.chance(0.6) ? "each event" : "each statement",
    // Fewer principals than pages: some share one.
    principals: Array.from({ length: pages }, () => `user-${random.between(1, pages)}`),
    limits: random.weighted({ usual: 4, tight: 5, "short memory": 2 }),
    past: drawPast(random),
    steps: withPresence(
      drawSteps(random, steps, random.pick([0, 0.3, 1, 1, 5])),
      new Random(~seed),
    ),
  };
}

/** In some histories, pages show their users to each other. */
function withPresence(steps: readonly Step[], random: Random): readonly Step[] {
  if (random.chance(0.6)) return steps;
  const often = random.pick([0.2, 0.5, 1.5]);
  return steps.flatMap((step) => {
    const shows: Step[] = [];
    for (let left = often; left > 0; left--) {
      if (!random.chance(Math.min(1, left))) continue;
      const isShown = random.chance(0.85);
      const deliveries = random.pick([0, 0, 1, 3]);
      const rest = { seed: random.seed(), deliveries, pauseMs: random.pick([0, 0, 0, 20, 500]) };
      shows.push({ type: "show", page: random.between(0, 59), isShown, ...rest });
    }
    return [...shows, step];
  });
}

/**
 * Some things happen in some histories only, and then more often: faults that come together find
 * what neither finds alone.
 */
function drawSteps(random: Random, count: number, asynchrony: number): Step[] {
  const weights: Record<DrawnType, number> = { ...WEIGHTS };
  // True because WEIGHTS has no other keys.
  for (const type of Object.keys(WEIGHTS) as DrawnType[]) {
    if (type !== "act") weights[type] *= random.pick([0, 0.3, 1, 1, 4]);
  }
  return Array.from({ length: count }, () =>
    drawStep(random, random.weighted(weights), asynchrony),
  );
}

function drawPast(random: Random): Script["past"] {
  switch (random.weighted({ none: 6, batches: 2, rows: 3 })) {
    case "none":
      return { frames: 0, commitsPerFrame: 0 };
    case "batches":
      return { frames: random.between(1, 3), commitsPerFrame: random.between(10, 30) };
    case "rows":
      return { frames: random.between(5, 25), commitsPerFrame: 1 };
  }
}

function drawStep(random: Random, type: DrawnType, asynchrony: number): Step {
  const event = drawEvent(random, type, asynchrony);
  const isPause = type === "wait" || random.chance(0.12);
  return {
    ...event,
    seed: random.seed(),
    deliveries: random.chance(0.25) ? 0 : random.between(1, 14),
    pauseMs: isPause ? random.pick(PAUSES_MS) : 0,
  };
}

function drawEvent(random: Random, type: DrawnType, asynchrony: number): Event {
  const page = random.between(0, 59);
  switch (type) {
    case "act": {
      const count = random.chance(0.04) ? random.between(8, 30) : random.between(1, 3);
      return {
        type,
        page,
        actions: Array.from({ length: count }, () => drawAction(random, asynchrony)),
      };
    }
    case "cut":
      return {
        type,
        page,
        actions: Array.from({ length: random.pick([0, 1, 1, 2]) }, () =>
          drawAction(random, asynchrony),
        ),
        up: random.pick([0, 0.5, 1, 1, 1]),
        down: random.pick([0, 0, 0.5, 1]),
        upAfter: random.pick([0, 0, 2_000, 20_000]),
        heardAfter: random.pick([0, 0, 5_000, 60_000]),
      };
    case "delay":
      return { type, page, way: random.pick(["up", "down"]), ms: random.between(10, 20_000) };
    case "evict":
    case "deploy":
      return { type, sockets: random.chance(0.7) ? "hibernate" : "close" };
    case "kill":
      return { type, when: drawMoment(random), downFor: random.pick([0, 0, 500, 15_000]) };
    case "fail":
      return {
        type,
        what: random.chance(0.7) ? "statement" : "commit",
        after: random.pick([0, 0, 0, 1, 2, 4]),
        times: random.pick([1, 1, 1, 2, 3]),
      };
    case "network":
      return { type, page, online: random.chance(0.5) };
    case "visibility":
      return { type, page, visible: random.chance(0.5) };
    case "clock":
      return {
        type,
        page: random.chance(0.3) ? "server" : page,
        ms: random.between(-100_000, 100_000) * random.pick([1, 1, 1_000]),
      };
    case "sleep":
      return { type, page, ms: random.between(1_000, 120_000) };
    case "visit":
      return { type, frames: random.between(1, 6) };
    case "wait":
    case "truncate":
    case "back up":
      return { type };
    case "restore":
      return { type, isOvertaken: random.chance(0.7) };
    case "half-open":
    case "unanswered":
    case "impostor":
    case "duplicate":
    case "reload":
    case "second tab":
    case "leave":
    case "return":
    case "old client":
      return { type, page };
  }
}

function drawMoment(random: Random): Moment {
  return random.chance(0.3)
    ? { at: "now" }
    : { at: random.pick(["statement", "send"]), after: random.pick([0, 0, 0, 1, 1, 2, 3, 5]) };
}

// True because EDITS has no other keys.
const EDIT_NAMES = Object.keys(EDITS) as EditName[];

/**
 * Edits that write all that they depend on: without serializable isolation a value that was read and
 * only used elsewhere may be old, by design.
 */
const LOOSE_EDIT_NAMES: readonly EditName[] = ["count", "type", "odd", "push", "put", "note"];

function drawAction(random: Random, asynchrony: number): PlannedAction {
  const kind = random.weighted({
    edit: 70,
    fail: 16,
    peek: 8,
    waver: 4,
    serial: 10 * asynchrony,
    loose: 10 * asynchrony,
  });
  const foresight: Foresight = random.weighted({ none: 4, shared: 5, naive: 1, wrong: 1 });
  if (kind === "peek" || kind === "waver") return { name: kind, edits: [], foresight: "none" };
  const names = kind === "loose" ? LOOSE_EDIT_NAMES : EDIT_NAMES;
  const edits = Array.from({ length: random.between(1, 3) }, () => random.pick(names));
  if (kind === "edit") return { name: "edit", edits, foresight };
  const failure: FailureName = random.weighted({ refuse: 4, crash: 2, store: 2, maybe: 4 });
  if (kind === "fail") return { name: "edit", edits, failure, foresight };
  const pace = drawPace(random, edits.length);
  const isInParts = pace.behind.some(({ type }) => type === "commit");
  const action: PlannedAction = {
    name: kind,
    edits,
    pace,
    // What is published is shown twice while its prediction stands: nobody foretells parts.
    foresight: isInParts ? "none" : foresight,
  };
  const fails = random.chance(0.15) && (kind === "serial" || failure !== "maybe");
  return fails ? { ...action, failure } : action;
}

function drawPace(random: Random, edits: number): Pace {
  const behind = Array.from({ length: edits }, (): Stop => {
    const type = random.weighted({ on: 3, pause: 4, commit: 2 });
    return type === "on" ? { type } : { type, ms: drawPause(random) };
  });
  return {
    behind,
    ...(random.chance(0.4) ? { first: drawPause(random) } : {}),
    ...(random.chance(0.4) ? { last: drawPause(random) } : {}),
  };
}

/** A microtask, a moment, longer than a turn may be held, longer than the action may take. */
function drawPause(random: Random): number {
  return random.pick([0, 0, 1, 20, 20, 300, 300, 2_500, 6_000]);
}
