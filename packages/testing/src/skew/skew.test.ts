import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Workerd } from "../workerd-serve.ts";
import { CURRENT, keptBuilds, serves, type SkewBuild } from "./builds.ts";
import { SkewPage } from "./skew-page.fixture.ts";

const PATIENCE = { timeout: 30_000, interval: 10 };
const KEPT = await keptBuilds();
/** Who is older is on either side; and as a control, both as they are now. */
const PAIRS = [
  ...KEPT.flatMap((kept) => [
    { client: kept, server: CURRENT },
    { client: CURRENT, server: kept },
  ]),
  { client: CURRENT, server: CURRENT },
].map((pair) => ({ ...pair, what: `client ${pair.client.name}, server ${pair.server.name}` }));

function create(
  { worker }: SkewBuild,
  where: { readonly storage?: string; readonly port?: number } = {},
): Promise<Workerd> {
  return Workerd.create({ entry: worker, durableObjects: ["ModuleObject"], ...where });
}

test("there are builds to be held against what there is now", () => {
  expect(KEPT.length).toBeGreaterThanOrEqual(2);
});

describe.each(PAIRS)("$what", ({ client, server }) => {
  let workerd: Workerd;
  beforeAll(async () => {
    workerd = await create(server);
    await workerd.start();
  }, 60_000);
  afterAll(() => workerd[Symbol.asyncDispose]());

  let keys = 0;
  const fresh = (): string => `board-${keys++}`;
  /** @param build the client's age; by default the one that is looked at */
  const open = (key: string, build: SkewBuild = client): SkewPage =>
    new SkewPage(build, workerd.url, key);

  describe.runIf(!serves(server, client))("do not fit", () => {
    test("[G20] the client is refused once, says that the page has to be loaded again, and tries no more", async () => {
      using page = open("a");
      const isOver = (one: SkewPage): Promise<void> =>
        vi.waitFor(() => expect(one.board.getSnapshot().status).toBe("closed"), PATIENCE);
      const call = page.board.dispatch("add", 1);
      await expect(call).rejects.toMatchObject({ code: "PROTOCOL_UNSUPPORTED" });
      await isOver(page);
      expect(page.board.getSnapshot().error?.message).toMatch(/Reload/);
      // For as long as it takes others to get as far.
      for (const key of ["b", "c"]) {
        using other = open(key);
        await isOver(other);
      }
      expect(page.attempts).toBe(1);
      await expect(page.board.dispatch("add", 1)).rejects.toMatchObject({
        code: expect.any(String),
      });
    });
  });

  describe.runIf(serves(server, client))("fit", () => {
    test("[G11] [G20] hello: a state with every kind of value", async () => {
      using page = open(fresh());
      await page.isLive();
      expect(page.state).toMatchObject({ count: 0, items: [] });
      expect(page.state.kinds).toEqual({
        when: new Date(0),
        index: new Map<string | number, bigint>([
          [1, 2n ** 70n],
          ["1", -1n],
        ]),
        members: new Set(["a", "b"]),
        odd: [undefined, Number.NaN, -0, Number.NEGATIVE_INFINITY, new Uint8Array([1, 255]), /a+/g],
      });
    });

    test("[G2] [G4] [G20] actions, their results and refusals, and predictions that come true", async () => {
      const key = fresh();
      using page = open(key);
      using other = open(key, server);
      await Promise.all([page.isLive(), other.isLive()]);
      expect(await page.board.dispatch("add", 2)).toBe(2);
      expect(await page.board.dispatch("add")).toBe(3);
      await expect(page.board.dispatch("refuse")).rejects.toMatchObject({ code: "REFUSED" });
      const { insert } = page.board.optimistic(() => ({
        insert: (draft, id, { randomId }) => void draft.items.unshift({ id, marks: [randomId()] }),
      }));
      const inserted = insert?.(7);
      const foretold = page.state.items;
      expect(foretold).toMatchObject([{ id: 7 }]);
      await inserted;
      await Promise.all([page, other].map((one) => one.shows({ count: 3, items: foretold })));
      await expect(page.board.dispatch("missing")).rejects.toMatchObject({
        code: "UNKNOWN_ACTION",
      });
    });

    test("[G7] [G8] [G20] patches of both ages to the same places: none is lost", async () => {
      const key = fresh();
      using page = open(key);
      using other = open(key, server);
      await Promise.all([page.isLive(), other.isLive()]);
      await page.board.dispatch("insert", 1);
      await other.shows({ count: 0 });
      await vi.waitFor(() => expect(other.state.items).toHaveLength(1), PATIENCE);
      const work = [page, other].flatMap(({ board }, who) =>
        Array.from({ length: 25 }, async (_, n) => {
          await board.update((draft) => void draft.count++);
          await board.update((draft) => void draft.items[0]?.marks.push(`${who}.${n}`));
        }),
      );
      await Promise.all(work);
      await Promise.all([page, other].map((one) => one.shows({ count: 50 })));
      await vi.waitFor(() => {
        for (const { state } of [page, other]) expect(new Set(state.items[0]?.marks).size).toBe(51);
      }, PATIENCE);
      expect(page.state).toEqual(other.state);
    });

    test("[G2] [G9] [G20] a link that broke: patches only, and what was done meanwhile once", async () => {
      const key = fresh();
      using page = open(key);
      using other = open(key, server);
      await Promise.all([page.isLive(), other.isLive()]);
      await page.board.dispatch("add", 1);
      page.drop();
      const answer = page.board.dispatch("add", 10);
      expect(await other.board.dispatch("add", 100)).toBeGreaterThan(100);
      page.frames.length = 0;
      await answer;
      await Promise.all([page, other].map((one) => one.shows({ count: 111 })));
      expect(page.frames.join()).toContain('"resume"');
      expect(page.frames.join()).not.toContain('"snapshot"');
    });

    test("[G1] [G2] [G20] a server that is killed and comes back", async () => {
      using page = open(fresh());
      await page.isLive();
      await page.board.dispatch("add", 1);
      await workerd.kill();
      const answer = page.board.dispatch("add", 10);
      await workerd.start();
      expect(await answer).toBe(11);
      await page.shows({ count: 11 });
    });

    test("[G20] presence, where both know it; a page that does not is no trouble", async () => {
      const key = fresh();
      using page = open(key);
      using other = open(key, server);
      await Promise.all([page.isLive(), other.isLive()]);
      const { presence } = page.board;
      const theirs = other.board.presence;
      presence?.subscribe(() => undefined);
      theirs?.subscribe(() => undefined);
      presence?.set({ name: "ann" });
      theirs?.set({ name: "ben" });
      if (presence && theirs && page.state.features.includes("presence")) {
        const seen = (shown: typeof presence): unknown[] =>
          shown.getSnapshot().others.map(({ value }) => value);
        await vi.waitFor(() => expect(seen(presence)).toEqual([{ name: "ben" }]), PATIENCE);
        await vi.waitFor(() => expect(seen(theirs)).toEqual([{ name: "ann" }]), PATIENCE);
      }
      await page.board.dispatch("add", 1);
      await Promise.all([page, other].map((one) => one.shows({ count: 1 })));
      expect([page.attempts, other.attempts]).toEqual([1, 1]);
    });

    test("[G6] [G20] streams: text as it comes where the client reads it, as state where it does not", async () => {
      using page = open(fresh());
      await page.isLive();
      if (!page.state.features.includes("streams")) {
        await expect(page.board.dispatch("say", [])).rejects.toMatchObject({
          code: "ACTION_FAILED",
        });
        return;
      }
      const words = Array.from({ length: 60 }, (_, n) => `word ${n} `);
      const reply = page.board.stream?.("reply");
      const texts: string[] = [];
      reply?.subscribe(() => texts.push(reply.getSnapshot().text));
      await page.board.dispatch("say", words);
      await vi.waitFor(() => {
        expect(page.state.reply).toMatchObject({ status: "done", text: words.join("") });
      }, PATIENCE);
      // Said as it came to who knows that, and to nobody as nonsense.
      if (reply && client.protocol >= 2) expect(texts.length).toBeGreaterThan(5);
      expect(texts.filter((text) => !words.join("").startsWith(text))).toEqual([]);
      expect(page.attempts).toBe(1);
      expect(page.board.getSnapshot().status).toBe("live");
    });
  });
});

describe.each(KEPT)("a deploy over what $name has stored", (kept) => {
  test("[G1] [G2] [G10] [G20] its pages go on at the new Worker, and so do new ones", async () => {
    await using before = await create(kept);
    await before.start();
    const { port } = new URL(before.url);
    using page = new SkewPage(kept, before.url, "deployed");
    await page.isLive();
    expect(await page.board.dispatch("add", 1)).toBe(1);
    await page.board.update((draft) => void draft.items.push({ id: 1, marks: ["old"] }));
    await before.kill();
    const answer = page.board.dispatch("add", 10);
    await using after = await create(CURRENT, { storage: before.storage, port: Number(port) });
    await after.start();
    if (serves(CURRENT, kept)) {
      expect(await answer).toBe(11);
      await page.shows({ count: 11, items: [{ id: 1, marks: ["old"] }] });
    } else await expect(answer).rejects.toMatchObject({ code: "PROTOCOL_UNSUPPORTED" });
    using fresh = new SkewPage(CURRENT, after.url, "deployed");
    await fresh.isLive();
    expect(fresh.state).toMatchObject({ items: [{ id: 1, marks: ["old"] }] });
    expect(fresh.state.kinds).toBeDefined();
    const count = serves(CURRENT, kept) ? 111 : 101;
    expect(await fresh.board.dispatch("add", 100)).toBe(count);
  });
});
