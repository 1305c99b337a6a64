import { describe, expect, test } from "vitest";
import { act, look } from "./act.fixture.ts";
import type { Loose } from "./act.fixture.ts";
import { raw } from "./raw.ts";
import { unwrap } from "./unwrap.ts";

const initial = {
  due: new Date(0),
  url: new URL("https://example.com/"),
  bytes: new Uint8Array([1, 2, 3]),
  floats: new Float64Array([0.5]),
  pattern: /a/g,
  list: [new Date(1), new Date(2), new Date(3)],
  map: new Map([["k", new Date(4)]]),
  items: [{ due: new Date(5) }, { due: new Date(6) }],
};

describe("[G11] what an action does to the copy of a Date, URL or typed array", () => {
  test("is written back when it ends", () => {
    const { root, patches } = act(initial, (state) => {
      state.due.setTime(10);
      state.url.searchParams.set("q", "1");
      state.bytes[0] = 9;
      state.bytes.subarray(1).fill(7);
      state.floats.set([-0]);
    });
    expect(root.due).toEqual(new Date(10));
    expect(root.url.href).toBe("https://example.com/?q=1");
    expect(root.bytes).toEqual(new Uint8Array([9, 7, 7]));
    expect(root.floats).toEqual(new Float64Array([-0]));
    expect(patches.map(({ op, path }) => [op, ...path])).toEqual([
      ["replace", "due"],
      ["replace", "url"],
      ["replace", "bytes"],
      ["replace", "floats"],
    ]);
  });

  test("is written back into Maps, arrays and objects in arrays", () => {
    const { root } = act(initial, (state) => {
      state.list[1].setTime(20);
      state.map.get("k").setTime(40);
      for (const item of state.items) item.due.setTime(50);
      [...state.map.values()][0]?.setMilliseconds(41);
    });
    expect(root.list.map(Number)).toEqual([1, 20, 3]);
    expect(Number(root.map.get("k"))).toBe(41);
    expect(root.items.map((item: Loose) => Number(item.due))).toEqual([50, 50]);
  });

  test("finds its place again when the array has moved it", () => {
    const { root } = act(initial, (state) => {
      const [first, second, third] = state.list;
      state.list.unshift(new Date(9));
      state.list.reverse();
      first.setTime(10);
      second.setTime(20);
      third.setTime(30);
      const { due } = state.items[1];
      state.items.shift();
      due.setTime(60);
    });
    expect(root.list.map(Number)).toEqual([30, 20, 10, 9]);
    expect(root.items.map((item: Loose) => Number(item.due))).toEqual([60]);
  });

  test("is gone where the value itself was removed or replaced", () => {
    const { root } = act(initial, (state) => {
      const { due } = state;
      const first = state.list.shift();
      const value = state.map.get("k");
      state.due = new Date(7);
      state.map.set("k", new Date(8));
      due.setTime(100);
      first.setTime(100);
      value.setTime(100);
    });
    expect(Number(root.due)).toBe(7);
    expect(root.list.map(Number)).toEqual([2, 3]);
    expect(Number(root.map.get("k"))).toBe(8);
  });

  test("goes along with a node that is moved", () => {
    const { root } = act(initial, (state) => {
      const item = state.items.shift();
      item.due.setTime(50);
      state.moved = item;
      item.due.setTime(51);
    });
    expect(Number(root.moved.due)).toBe(51);
  });

  test("is seen by the action itself, everywhere", () => {
    look(initial, (state) => {
      expect(state.due).toBe(state.due);
      expect(state.list[0]).toBe(state.list.at(0));
      expect([...state.list][0]).toBe(state.list[0]);
      state.due.setTime(86_400_000);
      state.list[0].setTime(86_400_000);
      expect(state.due.getTime()).toBe(86_400_000);
      expect(JSON.stringify(state.due)).toBe('"1970-01-02T00:00:00.000Z"');
      expect({ ...state }.due.getTime()).toBe(86_400_000);
      expect(unwrap(state).due.getTime()).toBe(86_400_000);
      expect(unwrap(state.list)[0].getTime()).toBe(86_400_000);
      expect(state.list.join()).toContain("Jan 02 1970");
      expect(raw(state).due.getTime()).toBe(86_400_000);
      // And after that it still is the same copy.
      state.due.setTime(5);
      expect(raw(state).due.getTime()).toBe(5);
    });
  });

  test("is no change where it comes to the same value", () => {
    const { patches } = act(initial, (state) => {
      state.due.setTime(5);
      state.due.setTime(0);
      state.bytes.reverse().reverse();
      state.url.hash = "";
      state.pattern.exec("aaa");
      for (const date of state.list) date.setTime(date.getTime());
      state.map.set("k", new Date(4));
      state.list[0] = new Date(1);
    });
    expect(patches).toEqual([]);
  });

  test("never reaches a copy that was assigned elsewhere", () => {
    const { root } = act(initial, (state) => {
      state.other = state.due;
      state.due.setTime(5);
      state.list.push(state.due);
      state.due.setTime(6);
    });
    expect(Number(root.other)).toBe(0);
    expect(Number(root.list[3])).toBe(5);
    expect(Number(root.due)).toBe(6);
  });

  test("is undone with the rest", () => {
    // `act` undoes and redoes it; here, that the raw value itself was never touched.
    const due = new Date(0);
    act({ due }, (state) => state.due.setTime(9));
    expect(due.getTime()).toBe(0);
  });
});
