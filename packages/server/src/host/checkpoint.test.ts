import { canonicalEncode, type ClientMessage, type Limits } from "@holdfast/protocol";
import { describe, expect, test } from "vitest";
import { app } from "../module/builder.ts";
import { global } from "../module/key-strategy.ts";
import { durableObjectStore } from "../module/store.ts";
import { openNodeSqlite } from "../node/node-sqlite-port.ts";
import { faulty } from "../storage/faulty-port.fixture.ts";
import { seeded, type Random } from "../storage/random-patches.fixture.ts";
import { settled, TestInstance } from "./host.fixture.ts";
import { action } from "./test-module.fixture.ts";

interface Item {
  id: number;
  text: string;
  tags: Map<string, number>;
}

const makeItem = (id: number): Item => ({
  id,
  text: `the text of item ${id}`.repeat(1 + (id % 4)),
  tags: new Map([["made", id]]),
});

let random: Random = seeded(0);

/** One of the things that actions do to a list: in place, in a row, moved, sorted, taken out. */
function edit(state: { count: number; items: Item[]; byKey: Record<string, Item[]> }): void {
  const { items, byKey } = state;
  const at = random(Math.max(1, items.length));
  const key = `key ${random(12)}`;
  state.count++;
  switch (random(9)) {
    case 0:
      items.splice(at, random(3), makeItem(state.count), makeItem(state.count + 1));
      return;
    case 1:
      items.push(makeItem(state.count));
      return;
    case 2:
      items.unshift(...items.splice(at, 2));
      return;
    case 3:
      if (random(6) === 0) items.sort((a, b) => a.text.length - b.text.length || b.id - a.id);
      return;
    case 4:
      (byKey[key] ??= []).push(makeItem(at), makeItem(at + 1), makeItem(at + 2));
      return;
    case 5:
      delete byKey[key];
      return;
    case 6:
      if (items.length > 90) state.items = items.filter(({ id }) => id % 3 > 0);
      return;
    default:
      items[at]?.tags.set(`tag ${random(6)}`, state.count);
      if (items[at]) items[at].text += "!";
  }
}

const module = app
  .defineState({
    count: 0,
    items: Array.from({ length: 60 }, (_, id) => makeItem(id)),
    byKey: {} as Record<string, Item[]>,
  })
  .persist(durableObjectStore(global()))
  .onAction("edit", ({ state }) => edit(state))
  .onAction("twice", ({ state }) => {
    edit(state);
    edit(state);
  })
  .onAction("editSlowly", async ({ state, commit }) => {
    edit(state);
    await commit();
    edit(state);
    await Promise.resolve();
    edit(state);
  })
  .onAction("refuse", ({ state }) => {
    edit(state);
    throw new Error("no");
  })
  .build();

const LIMITS: Partial<Limits> = {
  partBytes: 1_024,
  checkpointCommits: 2,
  checkpointCommitsPerPart: 0,
  checkpointPace: 0,
  ratePerSecond: 1_000_000,
  rateBurst: 1_000_000,
  openSequences: 1_000_000,
};

describe("[G5] [G10] [G21] a checkpoint under way, while actions change what it has yet to write", () => {
  test.each(Array.from({ length: 10 }, (_, seed) => seed))(
    "seed %i: an instance that wakes has the state that it had",
    { timeout: 60_000 },
    async (seed) => {
      random = seeded(7_000 + seed);
      const sql = faulty(openNodeSqlite(":memory:"));
      const instance = new TestInstance(module, { sql, limits: LIMITS });
      let page = instance.join("alice", "c1");
      let client = 1;
      let done = 0;
      let underWay = 0;
      let seq = 0;
      for (let step = 0; step < 120; step++) {
        const messages: ClientMessage[] = [];
        for (let count = random(4); count >= 0; count--) {
          const names = ["edit", "edit", "twice", "editSlowly", "refuse"];
          const name = names[random(names.length)] ?? "";
          messages.push({ ...action(++seq, name), client: `c${client}` });
        }
        const { failures } = sql;
        if (random(25) === 0) sql.failAt = 1 + random(4);
        instance.say(page, ...messages);
        await settled();
        sql.failAt = 0;
        const answers = page.take();
        done += answers.filter(({ type }) => type === "ack").length;
        if (sql.failures > failures) {
          // A new page; what the old one has open does not come again.
          instance.host.disconnect(page);
          page = instance.join("alice", `c${++client}`);
          seq = 0;
        }
        if (isUnderWay(sql)) underWay++;
        if (random(8) > 0) continue;
        const before = canonicalEncode(shown(instance));
        instance.evict(page);
        expect(canonicalEncode(shown(instance))).toBe(before);
      }
      expect(underWay).toBeGreaterThan(20);
      expect(done).toBeGreaterThan(100);
    },
  );
});

/** The state as the host gives it to somebody who connects. */
function shown(instance: TestInstance): unknown {
  const visitor = instance.join("bob", "c2");
  const [answer] = visitor.take();
  instance.host.disconnect(visitor);
  if (answer?.type !== "snapshot") throw new Error(`It answered with ${answer?.type}.`);
  return answer.state;
}

function isUnderWay(sql: ReturnType<typeof faulty>): boolean {
  const [row] = sql.run(
    `SELECT count(*) AS n FROM holdfast_parts, holdfast_meta
      WHERE json_extract(head, '$[2]') > holdfast_meta.round`,
  );
  return Number(row?.["n"]) > 0;
}
