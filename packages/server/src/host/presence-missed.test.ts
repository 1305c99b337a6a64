import { DEFAULT_LIMITS } from "@holdfast/protocol";
import { describe, expect, test } from "vitest";
import { app } from "../module/builder.ts";
import { global } from "../module/key-strategy.ts";
import { durableObjectStore } from "../module/store.ts";
import { TestInstance } from "./host.fixture.ts";
import { known, present, PresenceHome, type PresencePage } from "./presence.fixture.ts";
import { action } from "./test-module.fixture.ts";

const board = app
  // So large that a small frame does not hold it.
  .defineState({ n: 0, filling: "x".repeat(9_000) })
  .persist(durableObjectStore(global()))
  .presence<string>()
  .onAction("add", ({ state }) => {
    state.n++;
    return "x".repeat(900);
  })
  .build();
/** Everything is larger than these, so that whoever reads is behind for most of the time. */
const TIGHT = { frameOutBytes: 2_048, unseenBytes: 4_096, seenEveryBytes: 1_024 };
const { presenceEveryMs } = DEFAULT_LIMITS;

describe("presence that was not told", () => {
  const shows = (home: PresenceHome, value: string): PresencePage => {
    const page = home.pages.find(({ shown }) => shown === value);
    if (!page) throw new Error(`Nobody shows ${value}.`);
    return page;
  };
  const events: Record<string, (home: PresenceHome) => void> = {
    "ann goes": (home) => home.leave(shows(home, "ann")),
    "ben goes": (home) => home.leave(shows(home, "ben")),
    "cal moves": (home) => home.show(shows(home, "cal"), "cal elsewhere"),
    "eve comes": (home) => void home.join("eve", "eve"),
  };
  const orders = permutations(Object.keys(events));

  test.each(
    [{}, TIGHT].flatMap((limits) => [false, true].map((isStored) => ({ limits, isStored }))),
  )(
    "[P101] [G10] whatever wakes the instance, and in whatever order: at rest all see who is there ($isStored, $limits)",
    ({ limits, isStored }) => {
      for (const order of orders) {
        // So much of it happens before anybody reads, or a timer rings.
        for (const together of [1, 2, order.length]) {
          const home = new PresenceHome(board, limits);
          for (const name of ["ann", "ben", "cal", "dan"]) home.join(name, name);
          if (isStored) home.say(shows(home, "dan"), { ...action(1, "add"), client: "dan" });
          home.rest();
          home.hibernate();
          for (const [index, name] of order.entries()) {
            events[name]?.(home);
            if (index + 1 < together) continue;
            home.rest();
            home.hibernate();
          }
          const all = ["cal elsewhere", "dan", "eve"];
          const seen = home.pages.map(({ sees }) => sees);
          expect({ order, together, seen }).toEqual({ order, together, seen: [all, all, all] });
        }
      }
    },
  );

  test("[P101] who is cut off while all come back is taken back from those who come behind it", () => {
    const home = new PresenceHome(board);
    const slow = home.join("slow", "slow");
    const ann = home.join("ann", "ann");
    home.rest();
    home.hibernate();
    slow.connection.remember({ ...slow.connection.meta, behind: true });
    const ben = home.join("ben", "ben");
    expect(slow.connection.closed).toBeDefined();
    home.rest();
    expect([ann.sees, ben.sees]).toEqual([
      ["ann", "ben"],
      ["ann", "ben"],
    ]);
  });

  test("[P101] who is cut off in the middle of a telling is taken back from those who are told behind it", async () => {
    const at = new TestInstance(board, { limits: { unseenBytes: 20_000 } });
    const slow = at.join("slow", "slow");
    const ann = at.join("ann", "ann");
    for (const one of [slow, ann]) at.say(one, { type: "presence", value: "here" });
    await at.move(presenceEveryMs);
    await at.move(presenceEveryMs);
    const all = known(present(ann));
    expect(all.size).toBe(2);
    for (let seq = 1; !slow.closed; seq++) {
      at.say(ann, { type: "seen", read: 1_000 });
      at.say(slow, { ...action(seq, "add"), client: "slow" });
    }
    await at.move(0);
    await at.move(presenceEveryMs);
    expect([...known(present(ann), all).values()]).toEqual(["here"]);
    expect(ann.closed).toBeUndefined();
  });

  test("[P102] [G10] who has not read is told all of it once it has, also if memory was lost meanwhile", async () => {
    const at = new TestInstance(board, { limits: { unseenBytes: 12_000, seenEveryBytes: 500 } });
    const slow = at.join("slow", "slow");
    at.say(slow, { type: "presence", value: "slow" });
    const mover = at.join("mover", "mover");
    const goer = at.join("goer", "goer");
    at.say(goer, { type: "presence", value: "goer" });
    for (let x = 0; x < 100; x++) {
      at.say(mover, { type: "presence", value: `mover ${x}` });
      await at.move(presenceEveryMs);
    }
    at.host.disconnect(goer);
    await at.move(presenceEveryMs);
    const unread = slow.frames.reduce((sum, frame) => sum + frame.length, 0);
    const all = known(present(slow));
    expect([...all.values()]).toContain("goer");
    at.evict(slow, mover);
    await at.move(presenceEveryMs);
    at.say(slow, { type: "seen", read: unread });
    expect([...known(present(slow), all).values()].toSorted()).toEqual(["mover 99", "slow"]);
    expect(slow.meta.presence).toEqual({ id: expect.any(String), text: '"slow"' });
  });

  test("[P102] who may have read all is told, though there is no room by the count: it says so only with the next", () => {
    const at = new TestInstance(board, { limits: { unseenBytes: 10_000, seenEveryBytes: 9_900 } });
    const reader = at.join("reader", "reader");
    const mover = at.join("mover", "mover");
    at.say(reader, { type: "presence" });
    const unsaid = reader.frames.reduce((sum, frame) => sum + frame.length, 0);
    expect(unsaid).toBeLessThan(9_900);
    present(reader);
    at.say(mover, { type: "presence", value: "m".repeat(1_000) });
    expect(present(reader)).toMatchObject([{ others: [{ value: "m".repeat(1_000) }] }]);
  });

  test("[P101] who goes while the instance cannot be restored is taken back once it can", () => {
    const waking = app
      .defineState({ wakes: 0 })
      .persist(durableObjectStore(global()))
      .presence<string>()
      .onCreated((state) => void state.wakes++)
      .build();
    const home = new PresenceHome(waking);
    const [ann, ben] = ["ann", "ben", "cal"].map((name) => home.join(name, name));
    home.rest();
    home.hibernate();
    home.storage.fail(10);
    if (ann) home.leave(ann);
    home.hibernate();
    home.storage.fail(0);
    if (ben) home.show(ben, "ben elsewhere");
    home.rest();
    for (const { sees } of home.pages) expect(sees).toEqual(["ben elsewhere", "cal"]);
  });

  test("[P101] what was to be told when another history began is told by who goes on with it, and by nobody else", async () => {
    const home = new PresenceHome(board);
    const [ann, ben] = ["ann", "ben", "cal"].map((name) => home.join(name, name));
    if (!ann || !ben) throw new Error("Two have joined.");
    home.rest();
    const backup = await home.instance.exportState();
    home.show(ann, "ann 1");
    home.show(ann, "ann 2");
    home.leave(ben);
    await home.instance.importState(backup);
    home.show(ann, "ann 3");
    home.rest();
    for (const { sees } of home.pages) expect(sees).toEqual(["ann 3", "cal"]);
  });
});

function permutations<Item>(items: readonly Item[]): Item[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item) =>
    permutations(items.filter((other) => other !== item)).map((rest) => [item, ...rest]),
  );
}
