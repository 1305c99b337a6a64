import { describe, expect, test } from "vitest";
import { openNodeSqlite } from "../node/node-sqlite-port.ts";
import { type Alarm, Alarms } from "./alarms.ts";

class Clock {
  time = 1_000;
  alarm: number | undefined;
  readonly reports: unknown[] = [];
  readonly now = (): number => this.time;
  readonly setAlarm = (at: number | undefined): void => void (this.alarm = at);
  readonly report = (error: unknown): void => void this.reports.push(error);
}

function setUp() {
  const sql = openNodeSqlite(":memory:");
  const clock = new Clock();
  const rung: string[] = [];
  const open = (): Alarms => {
    const alarms = new Alarms(sql, clock);
    alarms.on("note", ({ id, body }) => void rung.push(`${id}:${body}`));
    return alarms;
  };
  return { sql, clock, rung, open, alarms: open() };
}

const note = (id: string, at: number): Alarm => ({ id, kind: "note", at, body: "b" });

describe("alarms", () => {
  test("the platform is told of the earliest, and of the next once that has rung", async () => {
    const { alarms, clock, rung } = setUp();
    alarms.set(note("late", 5_000));
    alarms.set(note("early", 2_000));
    expect(clock.alarm).toBe(2_000);
    clock.time = 2_000;
    await alarms.ring();
    expect(rung).toEqual(["early:b"]);
    expect(clock.alarm).toBe(5_000);
    clock.time = 6_000;
    await alarms.ring();
    expect(rung).toEqual(["early:b", "late:b"]);
    expect(clock.alarm).toBeUndefined();
  });

  test("they outlive a restart, and ring in the order of their times", async () => {
    const { alarms, clock, rung, open } = setUp();
    for (const id of ["c", "a", "b"]) alarms.set(note(id, 2_000 + id.charCodeAt(0)));
    clock.alarm = undefined;
    const again = open();
    again.arm();
    expect(clock.alarm).toBe(2_097);
    clock.time = 9_000;
    await again.ring();
    expect(rung).toEqual(["a:b", "b:b", "c:b"]);
  });

  test("one that is set again is moved, one that is removed never rings", async () => {
    const { alarms, clock, rung } = setUp();
    alarms.set(note("a", 2_000));
    alarms.set(note("b", 3_000));
    alarms.set(note("a", 4_000));
    expect(clock.alarm).toBe(3_000);
    expect(alarms.remove("b")).toBe(true);
    expect(alarms.remove("b")).toBe(false);
    expect(clock.alarm).toBe(4_000);
    clock.time = 3_500;
    await alarms.ring();
    expect(rung).toEqual([]);
    expect(alarms.list("note")).toEqual([note("a", 4_000)]);
  });

  test("[G4] one that was set in a transaction that is undone never was", () => {
    const { alarms, clock, sql } = setUp();
    alarms.set(note("a", 5_000));
    expect(() =>
      sql.transaction(() => {
        alarms.set(note("b", 2_000));
        throw new Error("no");
      }),
    ).toThrow("no");
    expect(alarms.get("b")).toBeUndefined();
    expect(clock.time).toBe(1_000);
  });

  test("a handler that fails is asked again, later each time, and holds up nobody", async () => {
    const { alarms, clock, rung } = setUp();
    let failures = 2;
    alarms.on("flaky", () => {
      if (failures-- > 0) throw new Error("not now");
      rung.push("flaky");
    });
    alarms.set({ id: "f", kind: "flaky", at: 1_500, body: "" });
    alarms.set(note("n", 1_600));
    clock.time = 2_000;
    await alarms.ring();
    expect(rung).toEqual(["n:b"]);
    expect(clock.alarm).toBe(3_000);
    clock.time = 3_000;
    await alarms.ring();
    expect(clock.alarm).toBe(5_000);
    clock.time = 5_000;
    await alarms.ring();
    expect(rung).toEqual(["n:b", "flaky"]);
    expect(clock.alarm).toBeUndefined();
    expect(clock.reports).toHaveLength(2);
  });

  test("a slow handler is not begun twice, and is looked after should the object end over it", async () => {
    const { alarms, clock, rung, open } = setUp();
    let finish: () => void = () => {};
    alarms.on("slow", ({ id }) => {
      rung.push(id);
      return new Promise((resolve) => (finish = resolve));
    });
    alarms.set({ id: "s", kind: "slow", at: 2_000, body: "" });
    alarms.set(note("n", 3_000));
    clock.time = 2_000;
    const first = alarms.ring();
    expect(clock.alarm).toBe(3_000);
    clock.time = 3_000;
    await alarms.ring();
    expect(rung).toEqual(["s", "n:b"]);
    expect(clock.alarm).toBe(63_000);
    // Ended over it: another incarnation begins it again.
    expect(open().get("s")).toBeDefined();
    finish();
    await first;
    expect(clock.alarm).toBeUndefined();
    expect(alarms.get("s")).toBeUndefined();
  });

  test("a handler may move its own alarm", async () => {
    const { alarms, clock } = setUp();
    alarms.on("again", (alarm) => alarms.set({ ...alarm, at: alarm.at + 1_000 }));
    alarms.set({ id: "a", kind: "again", at: 2_000, body: "" });
    clock.time = 2_500;
    await alarms.ring();
    expect(alarms.get("a")?.at).toBe(3_000);
    expect(clock.alarm).toBe(3_000);
  });

  test("looking for alarms stores nothing", async () => {
    const { alarms, sql } = setUp();
    expect(alarms.list("note")).toEqual([]);
    expect(alarms.remove("a")).toBe(false);
    await alarms.ring();
    expect(sql.run("SELECT name FROM sqlite_master")).toEqual([]);
  });
});
