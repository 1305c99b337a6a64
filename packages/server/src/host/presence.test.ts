import { DEFAULT_LIMITS, type ServerMessage } from "@holdfast/protocol";
import { describe, expect, test } from "vitest";
import { app } from "../module/builder.ts";
import type { PresentUser } from "../module/present-user.ts";
import { durableObjectStore } from "../module/store.ts";
import { global } from "../module/key-strategy.ts";
import { schemaOf } from "../module/schema.fixture.ts";
import { type TestConnection, TestInstance } from "./host.fixture.ts";
import { known, present } from "./presence.fixture.ts";
import { action } from "./test-module.fixture.ts";

interface Cursor {
  x: number;
}

const seen: (readonly PresentUser<Cursor>[])[] = [];
const board = app
  .defineState({ n: 0 })
  .persist(durableObjectStore(global()))
  .presence<Cursor>()
  .onAction("look", ({ presence }) => void seen.push(presence))
  .onAction("add", ({ state }) => void state.n++)
  .build();

const { presenceEveryMs } = DEFAULT_LIMITS;

/** A board with some who take part, each at its own number. */
async function start(count: number): Promise<{ at: TestInstance; all: TestConnection[] }> {
  const at = new TestInstance(board);
  const all: TestConnection[] = [];
  for (let index = 0; index < count; index++) {
    const one = at.join(`user-${index}`, `c${index}`);
    at.say(one, { type: "presence", value: { x: index } });
    all.push(one);
    await at.move(presenceEveryMs);
  }
  for (const one of all) one.frames.length = 0;
  return { at, all };
}

describe("presence", () => {
  test("[P100] [P101] who begins is told of all, the others of who has begun, moved and gone", async () => {
    const { at, all } = await start(2);
    const [ann, ben] = all as [TestConnection, TestConnection];
    const cal = at.join("cal", "c9");
    cal.frames.length = 0;
    at.say(cal, { type: "presence", value: { x: 9 } });
    const [first] = present(cal);
    expect(first).toMatchObject({ you: expect.any(String) });
    expect([...known([first as ServerMessage]).values()]).toEqual([{ x: 0 }, { x: 1 }, { x: 9 }]);
    const [told] = present(ann);
    expect(told).toMatchObject({ others: [{ value: { x: 9 } }] });
    expect(told).not.toHaveProperty("you");
    await at.move(presenceEveryMs);
    at.say(cal, { type: "presence", value: { x: 10 } });
    expect(present(ben)).toMatchObject([
      { others: [{ value: { x: 9 } }] },
      { others: [{ value: { x: 10 } }] },
    ]);
    await at.move(presenceEveryMs);
    at.host.disconnect(cal);
    await at.move(0);
    const [gone] = present(ben);
    expect(gone).toEqual({ type: "present", others: [{ id: expect.any(String) }] });
    await at.move(presenceEveryMs);
    at.say(ann, { type: "absent" });
    await at.move(0);
    expect(present(ben)).toMatchObject([{ others: [{ id: expect.any(String) }] }]);
    await at.move(presenceEveryMs);
    ann.frames.length = 0;
    at.say(ben, { type: "presence", value: { x: 2 } });
    expect(present(ann)).toEqual([]);
    expect(at.reports).toEqual([]);
  });

  test("[P101] the newest of each is told, together, and no more than twenty times a second", async () => {
    const { at, all } = await start(10);
    const [watcher, ...movers] = all as [TestConnection, ...TestConnection[]];
    let x = 100;
    for (let ms = 0; ms < 1_000; ms += 5) {
      for (const mover of movers) at.say(mover, { type: "presence", value: { x: x++ } });
      await at.move(5);
    }
    await at.move(presenceEveryMs);
    const messages = present(watcher);
    expect(messages.length).toBeLessThanOrEqual(1_000 / presenceEveryMs + 1);
    const last = movers.map((_, index) => x - movers.length + index);
    expect([...known(messages).values()].map((one) => (one as unknown as Cursor).x)).toEqual(last);
  });

  test("[G4] [G21] it is in no state: no version, no commit, no row", async () => {
    const { at, all } = await start(2);
    at.say(all[0] as TestConnection, { type: "presence", value: { x: 77 } });
    const late = at.join("late", "late");
    const [snapshot] = late.take();
    expect(snapshot).toMatchObject({ type: "snapshot", version: 0, state: { n: 0 } });
    expect(JSON.stringify(snapshot)).not.toContain("77");
    expect(at.host.inspect()).toMatchObject({ version: 0 });
  });

  test("[G10] outlives hibernation, in the attachments", async () => {
    const { at, all } = await start(2);
    at.evict(...all);
    const late = at.join("late", "late");
    at.say(late, { type: "presence" });
    expect([...known(present(late)).values()]).toEqual([{ x: 0 }, { x: 1 }]);
    at.host.disconnect(all[0] as TestConnection);
    await at.move(presenceEveryMs);
    expect([...known(present(late)).values()]).toEqual([]);
    expect(JSON.stringify(all[1]?.meta).length).toBeLessThan(DEFAULT_LIMITS.metaBytes);
  });

  test("[G15] who takes no part is told nothing, and nobody is told who a session or user is", async () => {
    const at = new TestInstance(board);
    const bystander = at.join("bystander", "c1");
    bystander.frames.length = 0;
    const ann = at.join("ann-secret", "c2");
    const ben = at.join("ben-secret", "c3");
    at.say(ann, { type: "presence", value: { x: 1 } });
    at.say(ben, { type: "presence", value: { x: 2 } });
    await at.move(presenceEveryMs);
    expect(bystander.frames).toEqual([]);
    for (const one of [ann, ben]) expect(one.frames.join()).not.toMatch(/secret/);
  });

  // Seed 6 of `prove -- converge`: the end of a half-open link is heard of much later, if ever.
  test("[P101] who comes back on a newer link is shown once: the older one is taken back at once", async () => {
    const { at, all } = await start(2);
    const [witness] = all as [TestConnection, TestConnection];
    const again = at.join("user-1", "c1");
    await at.move(presenceEveryMs);
    at.say(again, { type: "presence", value: { x: 7 } });
    await at.move(presenceEveryMs);
    const told = present(witness).flatMap((message) =>
      message.type === "present" ? message.others : [],
    );
    expect(told).toMatchObject([{ id: expect.any(String) }, { value: { x: 7 } }]);
    expect(told[0]).not.toHaveProperty("value");
    at.host.disconnect(all[1] as TestConnection);
    await at.move(presenceEveryMs);
    expect(present(witness)).toEqual([]);
  });

  test("actions see what is shown, and by whom", async () => {
    const { at } = await start(2);
    const caller = at.join("caller", "c1");
    at.say(caller, action(1, "look"));
    expect(seen.at(-1)).toEqual([
      { id: expect.any(String), user: null, session: { id: "user-0" }, value: { x: 0 } },
      { id: expect.any(String), user: null, session: { id: "user-1" }, value: { x: 1 } },
    ]);
  });

  test("[G17] what is too large, does not fit the schema or is not declared is not taken, and closes nothing", () => {
    const strict = app
      .defineState({ n: 0 })
      .presence(
        schemaOf<number>((value) => {
          if (typeof value !== "number") throw new Error("has to be a number");
          return value;
        }),
      )
      .build();
    const plain = app.defineState({ n: 0 }).build();
    for (const [module, value, taken] of [
      [board, { x: "x".repeat(2_000) }, 0],
      [strict, "text", 0],
      [strict, 5, 1],
      [plain, 5, 0],
    ] as const) {
      const at = new TestInstance(module);
      const ann = at.join("ann", "a");
      const ben = at.join("ben", "b");
      at.say(ben, { type: "presence" });
      ben.frames.length = 0;
      at.say(ann, { type: "presence", value });
      expect(present(ben)).toHaveLength(taken);
      expect(ann.closed).toBeUndefined();
      expect(at.warnings.length).toBe(module === plain || taken ? 0 : 1);
    }
  });

  test("[P102] [G14] who reads too slowly is told nothing until it reads, and then all of it", async () => {
    const at = new TestInstance(board, { limits: { unseenBytes: 2_000, seenEveryBytes: 500 } });
    const slow = at.join("slow", "s");
    at.say(slow, { type: "presence" });
    const mover = at.join("mover", "m");
    const stays = at.join("stays", "x");
    at.say(stays, { type: "presence", value: { x: -1 } });
    for (let x = 0; x < 100; x++) {
      at.say(mover, { type: "presence", value: { x } });
      await at.move(presenceEveryMs);
    }
    at.host.disconnect(stays);
    await at.move(presenceEveryMs);
    const unread = slow.frames.reduce((sum, frame) => sum + frame.length, 0);
    expect(unread).toBeLessThanOrEqual(2_000);
    expect(slow.closed).toBeUndefined();
    present(slow);
    at.say(slow, { type: "seen", read: unread });
    const caughtUp = present(slow);
    expect(caughtUp).toMatchObject([{ you: expect.any(String) }]);
    expect([...known(caughtUp).values()]).toEqual([{ x: 99 }]);
    await at.move(presenceEveryMs);
    at.say(mover, { type: "presence", value: { x: 100 } });
    expect(present(slow)).toMatchObject([{ others: [{ value: { x: 100 } }] }]);
  });
});
