import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { Random } from "@holdfast/testing/random";
import { boardPlay } from "@holdfast/testing/updates/board-play";
import { undoHistory } from "@holdfast/testing/updates/undo-history";
import { updateHistory } from "@holdfast/testing/updates/update-history";
import { lockersPlay } from "@holdfast/testing/updates/lockers-play";
import { updateRace } from "@holdfast/testing/updates/update-race";
import { Workerd } from "@holdfast/testing/workerd";
import type { ProofOptions, ProofReport } from "./report.ts";
import { UpdatesPage } from "./updates-page.ts";

const PAGES = 10;
const LIVE_MS = 60_000;
/** Pages that come no further for so long have come to a stop. */
const STUCK_MS = 120_000;

/**
 * Ten pages that each increment `n` times by `update` end at ten times `n`: with one and with eight
 * updates under way on each in the deterministic world, and on the real workerd, which is killed
 * meanwhile, with real clients that have named actions, list edits and storms in between.
 */
export async function updates(options: ProofOptions): Promise<ProofReport> {
  const { n, seed, short, progress } = options;
  const failures: string[] = [];
  const figures: ProofReport["figures"] = { pages: PAGES, "increments of each": n };

  for (const pending of [1, 8]) {
    const race = await updateRace({ pages: PAGES, each: n, pending, seed });
    failures.push(...race.failures.map((failure) => `world, ${pending} under way: ${failure}`));
    figures[`world, ${pending} under way: the count`] = Math.min(...race.counts);
    figures[`world, ${pending} under way: frames`] = race.frames;
    progress(`world, ${pending} under way: ${race.counts[0]} in ${race.frames} frames`);
  }

  const histories = short ? 100 : 5_000;
  for (let index = 0; index < histories; index++) {
    const play = index % 2 === 0 ? boardPlay : lockersPlay;
    failures.push(...(await updateHistory(seed + index, play)));
    failures.push(...(await undoHistory(seed + index)));
  }
  figures["world, random histories, and as many with undo and redo"] = histories;
  progress(`${histories} random histories of the world`);

  const found = await onWorkerd(options);
  failures.push(...found.failures);
  return {
    name: "updates",
    passed: failures.length === 0,
    figures: { ...figures, ...found.figures },
    failures,
  };
}

async function onWorkerd({
  n,
  seed,
  short,
  progress,
}: ProofOptions): Promise<Pick<ProofReport, "figures" | "failures">> {
  await using server = await Workerd.create({
    entry: fileURLToPath(new URL("./updates-worker.ts", import.meta.url)),
    durableObjects: ["ModuleObject"],
  });
  await server.start();
  const random = new Random(seed);
  const pages = Array.from(
    { length: PAGES },
    (_, index) => new UpdatesPage(server.url, `p${index}`, n, random.fork()),
  );
  const failures: string[] = [];
  const began = performance.now();
  let kills = 0;
  try {
    await until(() => pages.every((page) => page.isLive), LIVE_MS, "the pages do not get live");
    for (const page of pages) page.start();
    const left = (): number => pages.reduce((sum, page) => sum + page.left, 0);
    for (const share of short ? [0.5] : [0.75, 0.5, 0.25]) {
      await progressTo(() => left() <= PAGES * n * share, left);
      await server.kill();
      await server.start();
      kills++;
      progress(`workerd was killed with ${left()} increments to go`);
    }
    await progressTo(() => pages.every((page) => page.isDone), left);
    const expected = pages.reduce((sum, { done }) => sum + done.increments + done.named, 0);
    await until(
      () => pages.every((page) => page.isLive && page.state?.count === expected),
      LIVE_MS,
      `the pages show ${pages.map((page) => page.state?.count).join(", ")}, not ${expected}`,
    );
    failures.push(...verdict(pages, n));
  } catch (error) {
    failures.push(`workerd: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    for (const page of pages) page.close();
  }
  const sum = (count: (page: UpdatesPage) => number): number =>
    pages.reduce((total, page) => total + count(page), 0);
  return {
    failures,
    figures: {
      "workerd: increments by update": sum(({ done }) => done.increments),
      "workerd: increments by action": sum(({ done }) => done.named),
      "workerd: the count": pages[0]?.state?.count ?? "none",
      "workerd: items, and marks on them": `${sum(({ done }) => done.items.length)}, ${sum(({ done }) => done.marks.length)}`,
      "workerd: kills": kills,
      "workerd: seconds": ((performance.now() - began) / 1_000).toFixed(1),
    },
  };
}

/** What is lost, doubled or in the wrong place. */
function verdict(pages: readonly UpdatesPage[], n: number): string[] {
  const failures = pages.flatMap(({ refused }) => refused.map((error) => `refused: ${error}`));
  const [first] = pages;
  const state = first?.state;
  if (!state) return [...failures, "the first page shows nothing"];
  for (const page of pages) {
    if (page.done.increments !== n) failures.push(`${page.done.increments} of ${n} were answered`);
    if (!isDeepStrictEqual(page.state, state)) failures.push("two pages do not show the same");
  }
  const ids = state.items.map(({ id }) => id);
  if (!isDeepStrictEqual(ids.toSorted(), pages.flatMap(({ done }) => done.items).toSorted())) {
    failures.push("an item is lost, or there twice");
  }
  const marks = pages.flatMap(({ done }) => done.marks);
  if (!isDeepStrictEqual(state.items.flatMap((item) => item.marks).toSorted(), marks.toSorted())) {
    failures.push("a mark is lost, or there twice");
  }
  for (const { id, marks: own } of state.items) {
    if (!own.every((mark) => mark.startsWith(`${id}/`))) failures.push(`${id} has another's mark`);
  }
  return failures;
}

async function until(done: () => boolean, ms: number, what: string): Promise<void> {
  const end = performance.now() + ms;
  while (!done()) {
    if (performance.now() > end) throw new Error(`${what}, after ${ms} ms`);
    await sleep(20);
  }
}

/** Waits for as long as it goes on. */
async function progressTo(done: () => boolean, left: () => number): Promise<void> {
  let before = left();
  let since = performance.now();
  while (!done()) {
    if (left() !== before) {
      before = left();
      since = performance.now();
    }
    if (performance.now() - since > STUCK_MS) {
      throw new Error(`the pages come no further, with ${before} increments to go`);
    }
    await sleep(20);
  }
}
