import { expect, test } from "vitest";
import { endsWithin } from "./ends-within.ts";
import { runFree } from "./isolation-free.ts";
import type { KnownStep } from "./isolation-known-program.ts";
import { runKnown } from "./isolation-known.ts";
import { freeHistory } from "./isolation-program.ts";
import type { Event } from "./isolation-program.ts";

const PATIENCE_MS = 10_000;

/** What once failed, as it was shrunk: under these seeds, other versions tell other histories. */
const FAILED: Record<string, readonly Event<KnownStep>[]> = {
  "1053063: an item is read, replaced in a new list by another handler, and moves up": [
    step(2, { do: "find", id: 2 }),
    step(1, { do: "remake", id: 2 }),
    { do: "commit", who: 1, fails: false },
    others({ do: "evict", id: 1 }),
    step(2, { do: "assign", id: 2 }),
  ],
  "1131103: the same by synchronous actions": [
    step(1, { do: "find", id: 2 }),
    others({ do: "remake", id: 2 }),
    others({ do: "evict", id: 1 }),
    step(1, { do: "assign", id: 2 }),
  ],
  "34939: a length is read, and items are put in front of a list that others have shortened": [
    step(2, { do: "measure" }),
    others({ do: "pop" }),
    step(2, { do: "unshift", token: 23 }),
  ],
  "1241571: an item is replaced in a new list, from which another one is removed": [
    step(2, { do: "find", id: 3 }),
    others({ do: "remake", id: 3 }, { do: "evict", id: 2 }),
    step(2, { do: "assign", id: 3 }),
  ],
  "1241571: the same, and it is replaced once more": [
    step(2, { do: "find", id: 3 }),
    others({ do: "remake", id: 3 }, { do: "evict", id: 2 }, { do: "remake", id: 3 }),
    step(2, { do: "assign", id: 3 }),
  ],
  "1135067: an item is read, and two items are replaced in new lists, one after the other": [
    step(1, { do: "find", id: 3 }),
    others({ do: "remake", id: 2 }, { do: "remake", id: 3 }),
    step(1, { do: "assign", id: 3 }),
  ],
  "1023619: the same by two actions of a batch": [
    step(1, { do: "find", id: 1 }),
    {
      do: "batch",
      actions: [2, 1].map((id) => ({ steps: [{ do: "remake", id }], throws: false })),
      fails: false,
    },
    step(1, { do: "assign", id: 1 }),
  ],
  "1148003: the same by another handler": [
    step(2, { do: "remake", id: 2 }),
    step(1, { do: "find", id: 1 }),
    step(2, { do: "remake", id: 1 }),
    { do: "commit", who: 2, fails: false },
    step(1, { do: "assign", id: 1 }),
  ],
  "432743499: a length is read again before the list is cut": [
    step(2, { do: "measure" }),
    others({ do: "push", token: 24 }),
    step(2, { do: "look" }),
    step(2, { do: "cut", at: 1, token: 90 }),
  ],
  "1027271: an item is read again after its handler has made a new list": [
    step(2, { do: "find", id: 3 }),
    others({ do: "find", id: 3 }, { do: "assign", id: 3 }),
    step(2, { do: "remake", id: 2 }),
    step(2, { do: "find", id: 3 }),
    step(2, { do: "assign", id: 3 }),
  ],
  "20263387: a list that is in order is sorted behind a change of a Date, and others push onto it":
    [
      step(2, { do: "look" }),
      step(3, { do: "clock" }),
      step(2, { do: "push", token: 62 }),
      step(3, { do: "wind" }),
      step(3, { do: "sort" }),
    ],
};

for (const [name, events] of Object.entries(FAILED)) {
  for (const serializable of [false, true]) {
    test(`[G5] seed ${name}${serializable ? " (serializable)" : ""}`, () => {
      runKnown({ seed: 0, events }, serializable, undefined);
    });
  }
}

test("seed 2032: the search for what took whose place ends", () => {
  for (const serializable of [false, true]) {
    expect(endsWithin(PATIENCE_MS, () => runFree(freeHistory(2032), serializable, undefined))).toBe(
      true,
    );
  }
});

function step(who: number, what: KnownStep): Event<KnownStep> {
  return { do: "step", who, step: what };
}

function others(...steps: KnownStep[]): Event<KnownStep> {
  return { do: "batch", actions: [{ steps, throws: false }], fails: false };
}
