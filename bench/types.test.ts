import { expect, test } from "vitest";
import { checkApp } from "./type-check.ts";

/** So that what is counted does not depend on how many compile at once. */
const ONE = "--singleThreaded";
/** Counted, not timed: it is the same on every machine. What a module took when this was written, and half as much again. */
const MOST_PER_MODULE = 6_000;

test("a module more costs the compiler no more in a large app than in a small one, and little", async () => {
  const few = await checkApp({ modules: 5, holdfast: "sources" }, ONE);
  const some = await checkApp({ modules: 25, holdfast: "sources" }, ONE);
  const many = await checkApp({ modules: 50, holdfast: "sources" }, ONE);
  expect([few, some, many].flatMap(({ errors }) => errors)).toEqual([]);
  const early = (some.instantiations - few.instantiations) / 20;
  const late = (many.instantiations - some.instantiations) / 25;
  expect(late).toBeLessThan(MOST_PER_MODULE);
  expect(late).toBeLessThan(early * 1.3);
});

test("what is checked is the app: a mistake in each component is found in each", async () => {
  const { errors } = await checkApp({ modules: 5, holdfast: "sources", mistakes: true });
  expect(errors.map((error) => error.replace(/\(.*/, "")).toSorted()).toEqual(
    Array.from({ length: 5 }, (_, index) => `components/module${index}.tsx`),
  );
});
