import { describe, expect, test } from "vitest";
import { app } from "../module/builder.ts";
import type { ModuleDefinition } from "../module/definition.ts";
import { global, session } from "../module/key-strategy.ts";
import { durableObjectStore } from "../module/store.ts";
import { openNodeSqlite } from "../node/node-sqlite-port.ts";
import type { SqlPort } from "../storage/sql-port.ts";
import { settled, TestInstance } from "./host.fixture.ts";
import { action } from "./test-module.fixture.ts";

const DAY_MS = 86_400_000;

interface Draft {
  lines: string[];
}

function draftModule(
  onExpire: (state: Draft, context: { readonly env: unknown }) => void | Promise<void> = () => {},
  strategy = session(),
): ModuleDefinition {
  return app
    .defineState<Draft>({ lines: [] })
    .persist(durableObjectStore(strategy))
    .onExpire(onExpire)
    .onAction("write", ({ state, sql, schedule }, line: string) => {
      state.lines.push(line);
      if (line === "own table") sql`CREATE TABLE own (line TEXT)`;
      if (line === "later") schedule(100 * DAY_MS, "write", "scheduled");
    })
    .build();
}

/** Lets days pass, one by one, and rings what is due. */
async function pass(instance: TestInstance, days: number): Promise<void> {
  const end = instance.now + days * DAY_MS;
  while (instance.now < end) {
    instance.now = Math.min(end, instance.alarm ?? end);
    if (instance.alarm !== undefined && instance.alarm <= instance.now) {
      // As after hibernation.
      instance.evict();
      await instance.host.alarms.ring();
    }
    await settled();
  }
}

function visit(instance: TestInstance, seq: number, line?: string): void {
  const page = instance.join("alice", `c${seq}`);
  if (line !== undefined) instance.say(page, { ...action(1, "write", line), client: `c${seq}` });
  instance.host.disconnect(page);
}

const tables = (sql: SqlPort): unknown[] =>
  sql.run("SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite%'").map(({ name }) => name);

describe("the state of a session", () => {
  test("ends when nobody was there for 30 days: deleted first, then onExpire is told what it was", async () => {
    const told: unknown[] = [];
    const sql = openNodeSqlite(":memory:");
    const module = draftModule((state, context) => {
      told.push({ state, left: tables(sql), ...context });
    });
    const instance = new TestInstance(module, { sql });
    visit(instance, 1, "dear diary");
    visit(instance, 2, "own table");
    await pass(instance, 29.9);
    expect(told).toEqual([]);
    expect(tables(sql)).toContain("own");
    await pass(instance, 1.2);
    expect(told).toEqual([
      { state: { lines: ["dear diary", "own table"] }, left: ["holdfast_alarms"], env: {} },
    ]);
    instance.evict();
    expect(JSON.parse(await instance.host.exportState())).toMatchObject({ version: 0 });
    expect(instance.alarm).toBeUndefined();
    expect(instance.reports).toEqual([]);
  });

  test("lives on with every visit, also one that changes nothing; a visit costs a row a day at most", async () => {
    const sql = openNodeSqlite(":memory:");
    const instance = new TestInstance(draftModule(), { sql });
    visit(instance, 1, "dear diary");
    const at = instance.alarm;
    for (let seq = 2; seq < 30; seq++) {
      await pass(instance, 1 / 30);
      visit(instance, seq);
    }
    expect(instance.alarm).toBe(at);
    for (let seq = 30; seq < 34; seq++) {
      await pass(instance, 25);
      visit(instance, seq);
    }
    expect(await instance.host.exportState()).toContain("dear diary");
  });

  test("does not end while somebody is there, or while an action of it is scheduled", async () => {
    const instance = new TestInstance(draftModule());
    const page = instance.join("alice", "c1");
    instance.say(page, action(1, "write", "dear diary"));
    for (let month = 0; month < 3; month++) {
      instance.now = Math.max(instance.now, instance.alarm ?? 0);
      await instance.host.alarms.ring();
    }
    expect(await instance.host.exportState()).toContain("dear diary");
    instance.say(page, action(2, "write", "later"));
    instance.host.disconnect(page);
    await pass(instance, 99);
    expect(await instance.host.exportState()).toContain("dear diary");
    await pass(instance, 40);
    instance.evict();
    expect(await instance.host.exportState()).not.toContain("dear diary");
  });

  test("ends also where onExpire fails, which the log says", async () => {
    const instance = new TestInstance(
      draftModule(async () => {
        throw new Error("the bucket is gone");
      }),
    );
    visit(instance, 1, "dear diary");
    await pass(instance, 32);
    expect(instance.reports.map(String)).toEqual(["Error: the bucket is gone"]);
    instance.evict();
    expect(await instance.host.exportState()).not.toContain("dear diary");
  });

  test("[G1] a write that fails ends nothing; it is tried again", async () => {
    const sql = openNodeSqlite(":memory:");
    let isFailing = false;
    const port: SqlPort = {
      run: (text, ...bindings) => {
        if (isFailing && text.startsWith("DROP")) throw new Error("the disk is full");
        return sql.run(text, ...bindings);
      },
      transaction: (work) => sql.transaction(work),
    };
    const told: unknown[] = [];
    const instance = new TestInstance(
      draftModule((state) => void told.push(state)),
      { sql: port },
    );
    visit(instance, 1, "own table");
    isFailing = true;
    await pass(instance, 31.1);
    expect(told).toEqual([]);
    isFailing = false;
    expect(await instance.host.exportState()).toContain("own table");
    await pass(instance, 1);
    expect(told).toHaveLength(1);
  });

  test("that was never changed leaves no alarm and no storage", () => {
    const sql = openNodeSqlite(":memory:");
    const instance = new TestInstance(draftModule(), { sql });
    visit(instance, 1);
    expect(tables(sql)).toEqual([]);
    expect(instance.alarm).toBeUndefined();
  });

  test("ends after as long as the module says, or never", async () => {
    const short = new TestInstance(draftModule(undefined, session({ idleSeconds: 60 })));
    visit(short, 1, "dear diary");
    expect(short.alarm).toBe(short.now + 62_000);
    const endless = new TestInstance(draftModule(undefined, session({ idleSeconds: Infinity })));
    visit(endless, 1, "dear diary");
    expect(endless.alarm).toBeUndefined();
    for (const idleSeconds of [0, -1, Number.NaN, "1"]) {
      expect(() => session({ idleSeconds: idleSeconds as number })).toThrow(
        expect.objectContaining({ code: "DEFINITION_INVALID" }),
      );
    }
  });

  test("onExpire of a module whose instances do not end is refused", () => {
    const module = app.defineState({ n: 0 }).persist(durableObjectStore(global()));
    expect(() => module.onExpire(() => {}).build()).toThrow(
      expect.objectContaining({ code: "DEFINITION_INVALID" }),
    );
  });
});
