import { expect, test } from "vitest";
import { Turn } from "./turn.ts";

/** A platform whose clock is moved by hand. */
function clock() {
  let now = 0;
  const timers = new Set<{ at: number; callback: () => void }>();
  const warnings: string[] = [];
  return {
    warnings,
    move(ms: number): void {
      now += ms;
      for (const timer of [...timers].filter(({ at }) => at <= now)) {
        if (timers.delete(timer)) timer.callback();
      }
    },
    platform: {
      now: () => now,
      token: () => "",
      abort: () => {},
      setAlarm: () => {},
      report: () => {},
      warn: (message: string) => void warnings.push(message),
      after(ms: number, callback: () => void): () => void {
        const timer = { at: now + ms, callback };
        timers.add(timer);
        return () => void timers.delete(timer);
      },
    },
  };
}

const writer = (name: string) => ({ name });

test("who awaits without having written holds up nobody", () => {
  const turn = new Turn(clock().platform, 10);
  expect(turn.free).toBe(true);
  const started: number[] = [];
  turn.whenFree(() => started.push(1));
  expect(started).toEqual([1]);
});

test("actions that start while somebody holds the turn wait in order", () => {
  const turn = new Turn(clock().platform, 10);
  const a = writer("a");
  turn.wrote(a);
  const order: string[] = [];
  turn.whenFree(() => order.push("one"));
  turn.whenFree(() => order.push("two"));
  turn.whenTurn(a, () => order.push("commit of a"));
  expect(order).toEqual(["commit of a"]);
  turn.release(a);
  expect(order).toEqual(["commit of a", "one", "two"]);
  expect(turn.free).toBe(true);
});

test("a waiting action that takes the turn stops those behind it", () => {
  const turn = new Turn(clock().platform, 10);
  const [a, b] = [writer("a"), writer("b")];
  turn.wrote(a);
  const order: string[] = [];
  turn.whenFree(() => turn.wrote(b));
  turn.whenFree(() => order.push("behind b"));
  turn.release(a);
  expect(order).toEqual([]);
  turn.release(b);
  expect(order).toEqual(["behind b"]);
});

test("who wrote late parks, and commits go in the order of the first unpublished write", () => {
  const turn = new Turn(clock().platform, 10);
  const [a, b, c] = [writer("a"), writer("b"), writer("c")];
  const order: string[] = [];
  turn.wrote(a);
  turn.wrote(b);
  turn.wrote(c);
  const commit = (who: typeof a) => () => {
    order.push(who.name);
    turn.release(who);
  };
  turn.whenFree(() => order.push("new action"));
  turn.whenTurn(c, commit(c));
  turn.whenTurn(b, commit(b));
  expect(order).toEqual([]);
  turn.whenTurn(a, commit(a));
  expect(order).toEqual(["a", "b", "c", "new action"]);
});

test("who wrote late has the turn after the one before, also while it still awaits", () => {
  const turn = new Turn(clock().platform, 10);
  const [a, b] = [writer("a"), writer("b")];
  turn.wrote(a);
  turn.wrote(b);
  const order: string[] = [];
  turn.whenFree(() => order.push("new action"));
  turn.release(a);
  expect(turn.free).toBe(false);
  expect(order).toEqual([]);
  turn.whenTurn(b, () => order.push("commit of b"));
  turn.release(b);
  expect(order).toEqual(["commit of b", "new action"]);
});

test("who is given up while it is parked keeps the turn from nobody", () => {
  const turn = new Turn(clock().platform, 10);
  const [a, b] = [writer("a"), writer("b")];
  turn.wrote(a);
  turn.wrote(b);
  const order: string[] = [];
  turn.whenTurn(b, () => order.push("b is told"));
  turn.whenFree(() => order.push("new action"));
  turn.release(b);
  turn.release(a);
  expect(order).toEqual(["b is told", "new action"]);
  expect(turn.free).toBe(true);
});

test("after two seconds others go on, and the late one parks like any other", () => {
  const { platform, move, warnings } = clock();
  const turn = new Turn(platform, 10);
  const a = writer("slow");
  turn.wrote(a);
  const order: string[] = [];
  turn.whenFree(() => order.push("other"));
  move(1_000);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain('"slow"');
  expect(order).toEqual([]);
  move(1_000);
  expect(order).toEqual(["other"]);
  turn.whenTurn(a, () => {
    order.push("slow");
    turn.release(a);
  });
  expect(order).toEqual(["other", "slow"]);
  expect(turn.free).toBe(true);
});

test("[G14] it says when so many wait that no more should", () => {
  const turn = new Turn(clock().platform, 1);
  turn.wrote(writer("a"));
  expect(turn.full).toBe(false);
  turn.whenFree(() => {});
  expect(turn.full).toBe(true);
});
