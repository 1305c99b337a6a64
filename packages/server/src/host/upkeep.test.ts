import { expect, test } from "vitest";
import { app } from "../module/builder.ts";
import { global } from "../module/key-strategy.ts";
import { durableObjectStore } from "../module/store.ts";
import { openNodeSqlite } from "../node/node-sqlite-port.ts";
import { faulty } from "../storage/faulty-port.fixture.ts";
import type { SqlPort } from "../storage/sql-port.ts";
import { type TestConnection, TestInstance } from "./host.fixture.ts";
import { action } from "./test-module.fixture.ts";

const COUNT = 128;
const initial = {
  items: Array.from({ length: COUNT }, (_, index) => `item ${index} `.repeat(10)),
};

const module = app
  .defineState(initial)
  .persist(durableObjectStore(global()))
  .onAction("change", ({ state }, at: number) => {
    state.items[at % COUNT] = `changed at ${at}`.padEnd(80);
  })
  .build();

/** Each of many small parts is changed a few times, which is enough for a lull and for nothing else. */
class Changed extends TestInstance {
  readonly sql: SqlPort;
  readonly alice: TestConnection;
  #seq = 0;

  constructor(sql: SqlPort = openNodeSqlite(":memory:")) {
    super(module, { sql, limits: { partBytes: 1024, checkpointCommits: 8, rateBurst: 10_000 } });
    this.sql = sql;
    this.alice = this.join("alice", "c1");
    this.change(10 * COUNT);
  }

  change(times: number): void {
    for (let time = 0; time < times; time++) {
      const seq = ++this.#seq;
      this.say(this.alice, { ...action(seq, "change", seq * 7), settled: seq - 1 });
    }
    this.alice.frames.splice(0);
  }

  /** Versions that a wake would have to replay. */
  get behind(): number {
    const [meta] = this.sql.run("SELECT version FROM holdfast_meta");
    return this.host.inspect().version - Number(meta?.["version"]);
  }
}

async function lull(instance: Changed): Promise<void> {
  for (let at = 0; at < 5; at++) await instance.move(1_000);
}

test("[G21] what was committed is in the checkpoint before the instance falls asleep", async () => {
  const instance = new Changed();
  expect(instance.behind).toBeGreaterThan(COUNT);
  await lull(instance);
  expect(instance.behind).toBe(0);
  expect(instance.alice.take()).toEqual([]);
  const before = await instance.host.exportState();
  instance.evict(instance.alice);
  expect(await instance.host.exportState()).toBe(before);
  expect(instance.reports).toEqual([]);
});

test("while actions keep coming, nothing is done beside them", async () => {
  const instance = new Changed();
  const { behind } = instance;
  for (let at = 0; at < 8; at++) {
    instance.change(1);
    await instance.move(900);
  }
  expect(instance.behind).toBe(behind + 8);
});

test("a little that was changed everywhere is not worth a checkpoint", async () => {
  const instance = new Changed();
  await lull(instance);
  instance.change(300);
  await lull(instance);
  expect(instance.behind).toBe(300);
});

test("storage that fails is reported, and the next lull does it", async () => {
  const sql = faulty(openNodeSqlite(":memory:"));
  const instance = new Changed(sql);
  sql.failAt = 3;
  await lull(instance);
  expect(instance.reports).toHaveLength(1);
  expect(instance.behind).toBeGreaterThan(COUNT);
  instance.change(1);
  await lull(instance);
  expect(instance.reports).toHaveLength(1);
  // A round of the versions before the last change was under way.
  expect(instance.behind).toBe(1);
});

test.each<[string, (instance: Changed) => void | Promise<void>]>([
  ["destroyed", (instance) => instance.host.destroy()],
  ["replaced", async ({ host }) => host.importState(await host.exportState())],
])("a history that was %s is left alone", async (_, end) => {
  const instance = new Changed();
  const old = instance.host;
  await end(instance);
  const other = new TestInstance(module, { sql: instance.sql, limits: instance.limits });
  const written = Number(instance.sql.run("SELECT total_changes() AS n")[0]?.["n"]);
  await lull(instance);
  expect(Number(instance.sql.run("SELECT total_changes() AS n")[0]?.["n"])).toBe(written);
  expect(instance.host).toBe(old);
  expect([...instance.reports, ...other.reports]).toEqual([]);
});
