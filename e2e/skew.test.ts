import { Workerd } from "@holdfast/testing/workerd";
import { SkewPage } from "@holdfast/testing/skew/skew-page.fixture";
import { CURRENT, keptBuilds, serves, type SkewBuild } from "@holdfast/testing/skew/builds";
import { type Browser, type BrowserContext, chromium } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CHROMIUM_FLAGS, requireChromium } from "../scripts/find-chromium.ts";
import { AssetServer } from "./support/asset-server.ts";
import { keptRows } from "./support/kept-rows.ts";
import { KEY, servePages, SkewTab, type SkewTabOptions } from "./support/skew-tab.ts";

const WITHIN = { timeout: 60_000, interval: 20 };
const BUILDS = await keptBuilds();
/** The oldest and the newest. */
const KEPT = BUILDS.filter((_, index) => index === 0 || index === BUILDS.length - 1);
/** A page is of another age when it comes again: the newer one after a deploy, the older one after a rollback. */
const PAIRS = KEPT.flatMap(bothWays);

let browser: Browser;
let serve: Awaited<ReturnType<typeof servePages>>;

beforeAll(async () => {
  serve = await servePages([CURRENT, ...KEPT]);
  browser = await chromium.launch({
    executablePath: requireChromium(),
    args: [...CHROMIUM_FLAGS],
  });
});

afterAll(() => browser?.close());

/** One browser before a Worker that changes its age. */
class Site implements AsyncDisposable {
  readonly assets: AssetServer;
  readonly context: BrowserContext;
  #worker: Workerd;
  readonly #first: Workerd;

  private constructor(assets: AssetServer, context: BrowserContext, worker: Workerd) {
    this.assets = assets;
    this.context = context;
    this.#worker = this.#first = worker;
  }

  static async of({ worker: entry }: SkewBuild): Promise<Site> {
    const worker = await Workerd.create({ entry, durableObjects: ["ModuleObject"] });
    await worker.start();
    const assets = await AssetServer.before(worker.url, serve);
    return new Site(assets, await browser.newContext(), worker);
  }

  open(build: SkewBuild, options?: SkewTabOptions): Promise<SkewTab> {
    return SkewTab.open(this.context, this.assets.url, build, options);
  }

  /** Somebody else, who keeps nothing. */
  openStranger(build: SkewBuild): SkewPage {
    return new SkewPage(build, this.#first.url, KEY);
  }

  stop(): Promise<void> {
    return this.#worker.kill();
  }

  /** At the same address, on what the one before has stored. */
  async start({ worker: entry }: SkewBuild): Promise<void> {
    const { storage, url } = this.#first;
    const port = Number(new URL(url).port);
    this.#worker = await Workerd.create({ entry, durableObjects: ["ModuleObject"], storage, port });
    await this.#worker.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.context.close();
    await this.assets[Symbol.asyncDispose]();
    await this.#worker[Symbol.asyncDispose]();
    await this.#first[Symbol.asyncDispose]();
  }
}

test.each(PAIRS)(
  "[G2] [G12] [G20] what a tab had queued when it was killed is shown by the next one, and done once: $what",
  async ({ before, after }) => {
    await using site = await Site.of(before);
    const first = await site.open(before);
    await isLive(first, 0);
    await first.add(1);
    await expect.poll(() => keptRows(first.page, "snapshots"), WITHIN).toContain('"count":1');
    // Done, and nobody in that browser knows.
    site.assets.loseAnswers();
    void first.add(10).catch(() => undefined);
    using witness = site.openStranger(before);
    await witness.shows({ count: 11 });
    await site.stop();
    await first.queue(100);
    const content = await first.content();
    expect(content.count).toBe(111);
    await keeps(first, "update 100");
    await first.crash();

    // Code for another state: what was shown is nothing to it, what was done still is.
    const other = await site.open(after, { version: 2 });
    await expect.poll(() => other.shown(), WITHIN).toMatchObject({ pending: 4 });
    expect(await other.shown()).not.toHaveProperty("count");
    await other.crash();

    const next = await site.open(after);
    await expect.poll(() => next.shown(), WITHIN).toMatchObject({ ...content, pending: 4 });
    await site.start(after);
    await next.hurry();
    await isLive(next, 111);
    expect(await next.shown()).toMatchObject(content);
    await keepsNothingToDo(next);
    expect(await next.rejections()).toEqual([]);
    using stranger = site.openStranger(after);
    await stranger.shows(content);
  },
);

test.each(PAIRS)(
  "[G2] [G12] [G20] a tab that dies leaves what it had queued to one of another age beside it: $what",
  async ({ before, after }) => {
    await using site = await Site.of(CURRENT);
    const first = await site.open(before);
    // It has the session that the other one finds.
    await isLive(first, 0);
    const second = await site.open(after);
    await isLive(second, 0);
    await site.stop();
    await first.queue(100);
    await second.queue(1000);
    const queued = await Promise.all([first.content(), second.content()]);
    expect(queued.map(({ count }) => count)).toEqual([100, 1000]);
    await Promise.all([keeps(second, 'update 100"'), keeps(second, 'update 1000"')]);
    await first.crash();
    await expect.poll(() => second.shown(), WITHIN).toMatchObject({ count: 1100, pending: 6 });
    await site.start(CURRENT);
    await second.hurry();
    await isLive(second, 1100);
    await keepsNothingToDo(second);
    expect(await second.rejections()).toEqual([]);
    using stranger = site.openStranger(CURRENT);
    await stranger.shows({ count: 1100 });
    const { items, features } = stranger.state;
    expect(new Set(items)).toEqual(new Set(queued.flatMap((content) => content.items)));
    expect(items).toHaveLength(2);
    expect(features.slice(-2).toSorted()).toEqual(["update 100", "update 1000"]);
  },
);

test.each(KEPT.slice(-1).flatMap(bothWays))(
  "[G12] [G20] what a tab has kept is neither shown to the next user nor done for them, but reported: $what",
  async ({ before, after }) => {
    await using site = await Site.of(CURRENT);
    const first = await site.open(before);
    await isLive(first, 0);
    await first.add(1);
    await expect.poll(() => keptRows(first.page, "snapshots"), WITHIN).toContain('"count":1');
    // By now the state is another than the one that was kept.
    site.assets.loseAnswers();
    using stranger = site.openStranger(CURRENT);
    await stranger.board.dispatch("add", 1000);
    await site.stop();
    await first.queue(100);
    await keeps(first, "update 100");
    await first.crash();
    await site.context.clearCookies();
    await site.start(CURRENT);
    const next = await site.open(after);
    await isLive(next, 1001);
    await expect
      .poll(() => next.rejections(), WITHIN)
      .toEqual(["add: DISCARDED", "insert: DISCARDED", "update: DISCARDED"]);
    await keepsNothingToDo(next);
    await next.add(1);
    expect(new Set(await next.counts())).toEqual(new Set([1001, 1002]));
    await expect
      .poll(() => keptRows(next.page, "snapshots"), WITHIN)
      .toMatch(/^(?!.*"count":1,).*"count":1002,/);
  },
);

test.each(KEPT.filter((kept) => !serves(kept, CURRENT)))(
  "[G2] [G20] a rollback under an open page: it is told to load again, and what it had queued is done once by $name",
  async (kept) => {
    await using site = await Site.of(CURRENT);
    const first = await site.open(CURRENT);
    await isLive(first, 0);
    await first.add(1);
    await site.stop();
    await first.queue(100);
    await keeps(first, "update 100");
    await site.start(kept);
    await first.hurry();
    const told = { status: "closed", error: "PROTOCOL_UNSUPPORTED" };
    await expect.poll(() => first.shown(), WITHIN).toMatchObject(told);
    await first.page.close();
    const next = await site.open(kept);
    await isLive(next, 101);
    await keepsNothingToDo(next);
    expect(await next.rejections()).toEqual([]);
    using stranger = site.openStranger(kept);
    await stranger.shows({ count: 101 });
    expect(stranger.state.features.at(-1)).toBe("update 100");
  },
);

function bothWays(kept: SkewBuild): { before: SkewBuild; after: SkewBuild; what: string }[] {
  return [
    { before: kept, after: CURRENT, what: `${kept.name}, then ${CURRENT.name}` },
    { before: CURRENT, after: kept, what: `${CURRENT.name}, then ${kept.name}` },
  ];
}

async function isLive(tab: SkewTab, count: number): Promise<void> {
  const live = { status: "live", pending: 0, count };
  await expect.poll(() => tab.shown(), WITHIN).toMatchObject(live);
}

async function keeps({ page }: SkewTab, action: string): Promise<void> {
  await expect.poll(() => keptRows(page, "actions"), WITHIN).toContain(action);
}

async function keepsNothingToDo({ page }: SkewTab): Promise<void> {
  await expect.poll(() => keptRows(page, "actions"), WITHIN).toBe("[]");
}
