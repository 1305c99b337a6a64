import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { AlarmClock } from "./alarm-clock.ts";
import { openNodeSqlite } from "./node-sqlite-port.ts";

const sql = openNodeSqlite(":memory:");
const rung: string[] = [];
const newClock = (): AlarmClock => new AlarmClock(sql, Date.now, (name) => void rung.push(name));
const stored = (): unknown[] => sql.run("SELECT name, at FROM alarms ORDER BY name");

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000 });
  newClock();
  sql.run("DELETE FROM alarms");
  rung.length = 0;
});
afterEach(() => void vi.useRealTimers());

describe("the clock of a process", () => {
  test("rings each instance at its time, and one that was moved only then", () => {
    const clock = newClock();
    clock.start();
    clock.set("late", 9_000);
    clock.set("early", 2_000);
    clock.set("moved", 3_000);
    clock.set("moved", 5_000);
    clock.set("off", 4_000);
    clock.set("off", undefined);
    vi.advanceTimersByTime(1_000);
    expect(rung).toEqual(["early"]);
    vi.advanceTimersByTime(4_000);
    expect(rung).toEqual(["early", "moved"]);
    vi.advanceTimersByTime(4_000);
    expect(rung).toEqual(["early", "moved", "late"]);
  });

  test("[G10] what is foreseen rings after a crash; a later time that was not stored only makes it too early", () => {
    const clock = newClock();
    clock.start();
    clock.foresee("a", 5_000);
    clock.set("a", 5_000);
    clock.foresee("a", 8_000);
    clock.set("a", 8_000);
    clock.foresee("b", undefined);
    clock.set("b", undefined);
    expect(stored()).toEqual([{ name: "a", at: 5_000 }]);
    const other = newClock();
    vi.setSystemTime(6_000);
    other.start();
    expect(rung).toEqual(["a"]);
  });

  test("what is stored is put right when there is time for it", () => {
    const clock = newClock();
    clock.start();
    for (const name of ["a", "b", "c"]) {
      clock.foresee(name, 5_000);
      clock.set(name, 5_000);
    }
    clock.set("a", 9_000);
    clock.set("b", undefined);
    clock.tidy("a");
    expect(stored()).toMatchObject([{ at: 9_000 }, { at: 5_000 }, { at: 5_000 }]);
    clock.stop();
    expect(stored()).toEqual([
      { name: "a", at: 9_000 },
      { name: "c", at: 5_000 },
    ]);
    vi.advanceTimersByTime(10_000);
    expect(rung).toEqual([]);
  });

  test("a time further ahead than a timer goes is waited for", () => {
    const clock = newClock();
    clock.start();
    const at = 1_000 + 40 * 24 * 60 * 60 * 1_000;
    clock.set("far", at);
    vi.advanceTimersByTime(at - 2_000);
    expect(rung).toEqual([]);
    vi.advanceTimersByTime(1_000);
    expect(rung).toEqual(["far"]);
  });
});
