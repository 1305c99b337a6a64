import type { Writing } from "./streams-module.ts";
import { StreamWorld } from "./streams-world.ts";

/** After its last fault the world must come to rest in so long, */
const REST_WITHIN_MS = 5 * 60_000;
/** with no more than so many happenings. */
const MOST_HAPPENINGS = 30_000;

/** What happened in one history. */
export type StreamsFigures = Readonly<
  Record<"cuts" | keyof StreamWorld["oracle"]["tally"], number>
>;

/**
 * One random history of streams in the deterministic world: handlers that write pieces, begin anew,
 * complete, fail, throw and are cancelled, in places that move, while links are cut with any head of
 * either direction still arriving, frames are delayed or sent twice, readers sleep, pages are reloaded,
 * the server is killed, evicted and fails to write. At any time each page shows the beginning of what
 * was written, and no less of it than before, unless the server's memory was lost in between; nobody is
 * told of what he may not see; and at rest all show what is stored, and every stream has ended.
 *
 * @throws Error that says what was otherwise
 */
export async function playStreams(seed: number): Promise<StreamsFigures> {
  const world = new StreamWorld(seed);
  try {
    const cuts = await play(world);
    return { cuts, ...world.oracle.tally };
  } finally {
    world.dispose();
  }
}

/** @returns how many faults there were */
async function play(world: StreamWorld): Promise<number> {
  const { random } = world;
  for (let left = random.between(1, 3); left > 0; left--) world.addPage();
  await pass(world, 200);
  let faults = 0;
  const steps = random.between(5, 25);
  for (let step = 0; step < steps; step++) {
    if (act(world)) faults++;
    // oxlint-disable-next-line no-await-in-loop -- One step after the other.
    await world.settle();
    // oxlint-disable-next-line no-await-in-loop
    await pass(world, random.pick([5, 30, 100, 400, 1_500]));
  }
  world.heal();
  await rest(world);
  const stored = world.stored();
  for (const value of [stored.plain, stored.secret, ...stored.list.map(({ reply }) => reply)]) {
    world.oracle.checkEnd("storage", value);
  }
  for (const page of world.livePages) page.compare(stored);
  return faults;
}

/** @returns whether it was a fault */
function act(world: StreamWorld): boolean {
  const { random, server, disk } = world;
  const page = random.pick(world.livePages);
  const links = world.links;
  const kind = random.weighted({
    write: 9,
    cancel: 3,
    shift: 2,
    join: 1,
    cut: 5,
    black: 1,
    delay: 2,
    twice: 1,
    sleep: 2,
    reload: 1,
    kill: 3,
    evict: 1,
    hibernate: 1,
    "die at send": 1,
    "die at write": 2,
    "fail a write": 2,
  });
  switch (kind) {
    case "write":
      page.write(writing(world));
      return false;
    case "cancel":
      page.cancel(world.place());
      return false;
    case "shift":
      page.shift(world.nextRun() + 100);
      return false;
    case "join":
      if (world.livePages.length < 4) world.addPage();
      return false;
    case "reload":
      page.close();
      world.addPage();
      return true;
    case "sleep":
      page.environment.sleep(random.between(50, 3_000));
      return true;
    case "kill":
      server.kill();
      return true;
    case "evict":
      server.evict();
      world.lost();
      return true;
    case "hibernate":
      server.hibernate();
      return true;
    case "die at send":
      server.dieAtSend(random.between(0, 10));
      return true;
    case "die at write":
      disk.plan({ type: "die", after: random.between(0, 12) });
      return true;
    case "fail a write":
      world.isFaulty = true;
      world.oracle.hasFailed = true;
      disk.plan({
        type: random.pick(["fail statement", "fail commit"] as const),
        after: random.between(0, 6),
        times: random.between(1, 4),
      });
      return true;
  }
  if (links.length === 0) return false;
  const link = random.pick(links);
  const { up, down } = link.inFlight;
  if (kind === "cut") {
    const heardAt = world.clock.now + random.pick([0, 0, 50, 2_000]);
    link.cut({ up: random.between(0, up), down: random.between(0, down), heardAt });
  } else if (kind === "black") link.goBlack();
  else if (kind === "twice") link.repeat();
  else link.delay(random.pick(["up", "down"] as const), world.clock.now + random.between(5, 800));
  return true;
}

function writing(world: StreamWorld): Writing {
  const { random } = world;
  const pieces = random.between(1, 40);
  return {
    place: world.place(),
    run: world.nextRun(),
    pieces,
    words: random.pick([1, 1, 3, 20]),
    pauseMs: random.pick([0, 3, 20, 120, 600]),
    end: random.pick(["return", "return", "complete", "fail", "throw"] as const),
    anew: random.chance(0.2) ? random.between(1, pieces) : 0,
  };
}

/** Lets time pass; what is under way arrives sooner or later. */
async function pass(world: StreamWorld, milliseconds: number): Promise<void> {
  const { clock, random } = world;
  const end = clock.now + milliseconds;
  while (clock.now < end) {
    // oxlint-disable-next-line no-await-in-loop -- One thing after the other.
    if (random.chance(0.85) && (await world.happen())) {
      clock.now += random.between(0, 4);
      continue;
    }
    const pause = clock.now + random.between(1, 100);
    clock.now = Math.min(end, Math.max(clock.now, Math.min(clock.next ?? end, pause)));
  }
}

async function rest(world: StreamWorld): Promise<void> {
  const { clock } = world;
  const end = clock.now + REST_WITHIN_MS;
  for (let left = MOST_HAPPENINGS; left > 0;) {
    // oxlint-disable-next-line no-await-in-loop -- One thing after the other.
    if (await world.happen()) {
      left--;
      continue;
    }
    if (world.isAtRest) return;
    if (clock.next === undefined || clock.next > end) break;
    clock.now = Math.max(clock.now, clock.next);
  }
  throw new Error(
    `[G13] not at rest: ${world.livePages.map((page) => page.describe()).join("; ")}`,
  );
}
