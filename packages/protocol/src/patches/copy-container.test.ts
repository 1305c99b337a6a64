import { describe, expect, test } from "vitest";
import { copyContainer, keysChanged } from "./copy-container.ts";

function objectOf(size: number): Record<string, number> {
  return Object.fromEntries(Array.from({ length: size }, (_, index) => [`key${index}`, index]));
}

describe("copyContainer", () => {
  test.each([
    ["an array", [1, [2]]],
    ["an empty object", {}],
    ["a small object", { a: 1, b: { c: 2 } }],
    [
      "a Map",
      new Map([
        [1, {}],
        [NaN, {}],
      ] as [number, object][]),
    ],
    ["a Set", new Set([3, 1, 2])],
  ])("copies %s, one level deep and in its order", (_what, container) => {
    const copy = copyContainer<object>(container);
    expect(copy).not.toBe(container);
    expect(copy).toStrictEqual(container);
    expect(Object.keys(copy)).toEqual(Object.keys(container));
    if (Symbol.iterator in copy) {
      expect(Array.from(copy as Iterable<unknown>)).toEqual(
        Array.from(container as Iterable<unknown>),
      );
    }
    for (const [key, child] of Object.entries(copy)) {
      expect(child).toBe((container as Record<string, unknown>)[key]);
    }
  });

  test.each([16, 17, 500, 1_000, 1_001, 1_500])(
    "a chain of copies of %i keys, changed as states are, stays right whichever way they are made",
    (size) => {
      let object = objectOf(size);
      const model = new Map(Object.entries(object));
      for (let step = 0; step < 60; step++) {
        const before = object;
        object = copyContainer(object);
        expect(object).not.toBe(before);
        const key = `key${(step * 7) % size}`;
        // Long quiet stretches, then a key more and one less.
        if (step === 20 || step === 45) {
          object[`new${step}`] = step;
          model.set(`new${step}`, step);
          keysChanged(object);
        } else if (step === 30) {
          delete object["new20"];
          model.delete("new20");
          keysChanged(object);
        } else {
          object[key] = -step;
          model.set(key, -step);
        }
        expect(Object.keys(before).length).not.toBe(0);
      }
      expect(object).toStrictEqual(Object.fromEntries(model));
      expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
    },
  );

  test("own keys that others inherit stay own keys", () => {
    let object: Record<string, number> = { ...objectOf(20), constructor: 1, toString: 2 };
    for (let step = 0; step < 12; step++) object = copyContainer(object);
    expect(Object.hasOwn(object, "constructor") && object["toString"]).toBe(2);
  });
});
