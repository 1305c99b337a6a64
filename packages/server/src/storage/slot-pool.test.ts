import { expect, test } from "vitest";
import { SlotPool } from "./slot-pool.ts";

test("new slots follow the last one, freed ones are used first, the one freed last before all", () => {
  const pool = new SlotPool();
  pool.take([1, 2, 3]);
  pool.free(2, 10);
  pool.free(1, 20);
  expect([pool.peek(), pool.peek(1), pool.peek(2), pool.peek(3)]).toEqual([1, 2, 4, 5]);
  expect(pool.freeBytes).toBe(30);
  pool.take([1, 2, 4]);
  expect([pool.peek(), pool.freeBytes, pool.freeCount]).toEqual([5, 0, 0]);
});

test("a slot that was not told to be free is never taken", () => {
  const pool = new SlotPool();
  pool.take([1, 2]);
  const told = pool.peek();
  pool.free(1, 5);
  expect(() => pool.take([told])).toThrow(/not told to be free/);
  expect(() => pool.take([2])).toThrow(/not told to be free/);
  pool.take([1]);
});

test("slots that are stored are neither new nor free", () => {
  const pool = new SlotPool();
  pool.include(7);
  pool.include(3);
  expect(pool.peek()).toBe(8);
});

test("the largest free slots are chosen until the rest is within the limit, and are free all the same", () => {
  const pool = new SlotPool();
  pool.take([1, 2, 3, 4]);
  for (const [slot, bytes] of [
    [1, 10],
    [2, 500],
    [3, 20],
    [4, 300],
  ] as const)
    pool.free(slot, bytes);
  expect(pool.largest(1_000)).toEqual([]);
  const chosen = pool.largest(330);
  expect(chosen.map(({ slot }) => slot)).toEqual([2]);
  pool.emptied(chosen);
  expect([pool.freeBytes, pool.freeCount]).toEqual([330, 4]);
  expect(pool.largest(0).map(({ slot }) => slot)).toEqual([4, 3, 1]);
});

test("what was freed first is removed first, and its numbers are not used again", () => {
  const pool = new SlotPool();
  pool.take([1, 2, 3]);
  for (const slot of [3, 1, 2]) pool.free(slot, 10);
  expect(pool.oldest(2).map(({ slot }) => slot)).toEqual([3, 1]);
  expect(pool.oldest(-4)).toEqual([]);
  pool.removed(2);
  expect([pool.peek(), pool.peek(1), pool.freeBytes]).toEqual([2, 4, 10]);
});
