import { randomUUID } from "node:crypto";
import { encodeValue, type Value } from "@holdfast/protocol";
import type { StateStore } from "../module/state-store.ts";

/** A store on no data. */
export interface StoreGround {
  readonly store: StateStore;
  readonly reopen: (() => Promise<StateStore>) | undefined;
}

/** Throws where a promise is broken; `false`: it is not given. */
export type StoreCheck = (ground: StoreGround) => Promise<boolean | void>;

/** A key that nobody has used. */
export function newKey(): string {
  return `acceptance ${randomUUID()}`;
}

/** @throws Error that says what is there and what should be */
export function assertSame(found: unknown, wanted: Value | undefined, what: string): void {
  const [has, wants] = [found ?? undefined, wanted].map((value) =>
    // What a store gives is encoded, which says whether it is a value at all.
    value === undefined ? "nothing" : encodeValue(value as Value),
  );
  if (has !== wants) throw new Error(`${what} is ${cut(has)}, and should be ${cut(wants)}`);
}

function cut(text: string | undefined): string {
  return text !== undefined && text.length > 200 ? `${text.slice(0, 200)}…` : String(text);
}

/** Texts that are easily taken for something else. */
const ODD_KEYS = [
  "a",
  "A",
  "a b",
  "a/b",
  "a%2Fb",
  "..",
  "*",
  "a:b",
  "a\u0000b",
  "ä",
  "a\u0308",
  "🗝️",
  "'); DROP TABLE holdfast_states; --",
  "constructor",
  "__proto__",
  "x".repeat(511) + "x",
  "x".repeat(511) + "y",
];

const EVERYTHING: Value = {
  text: "ä\u0000🗝️",
  empty: {},
  nothing: undefined,
  null: null,
  numbers: [0, -0, 1.5, NaN, Infinity, -Infinity],
  large: 12_345_678_901_234_567_890n,
  date: new Date(1_800_000_000_000),
  map: new Map<string | number, Value>([
    ["b", 1],
    [1, new Map()],
    ["a", [undefined]],
  ]),
  set: new Set(["z", 1, null]),
  bytes: new Uint8Array([0, 255]),
  url: new URL("https://example.com/a?b#c"),
  pattern: /a\/b/gi,
  $: "no tag",
};

/** What `StateStore` asks of a store by itself. */
export const STORE_CHECKS: readonly (readonly [promise: string, check: StoreCheck])[] = [
  [
    "There is nothing where nothing was saved",
    async ({ store }) => {
      assertSame(await store.load(newKey()), undefined, "A key that was never saved");
      await store.delete(newKey());
    },
  ],
  [
    "Every kind of value comes back as it was (G11)",
    async ({ store }) => {
      const key = newKey();
      await store.save(key, EVERYTHING);
      assertSame(await store.load(key), EVERYTHING, "What was loaded");
    },
  ],
  [
    "A save takes the place of the one before, whole",
    async ({ store }) => {
      const key = newKey();
      await store.save(key, { old: 1, both: { deep: 1, deeper: 1 } });
      await store.save(key, { both: { deep: 2 } });
      assertSame(await store.load(key), { both: { deep: 2 } }, "What was loaded");
    },
  ],
  [
    "No two keys ever meet, whatever characters they hold",
    async ({ store }) => {
      const base = newKey();
      for (const odd of ODD_KEYS) await store.save(base + odd, { odd });
      for (const odd of ODD_KEYS) {
        assertSame(await store.load(base + odd), { odd }, `The key ${JSON.stringify(odd)}`);
      }
    },
  ],
  [
    "A deleted key is gone, and no other",
    async ({ store }) => {
      const [one, two] = [newKey(), newKey()];
      await store.save(one, { n: 1 });
      await store.save(two, { n: 2 });
      await store.delete(one);
      assertSame(await store.load(one), undefined, "The deleted key");
      assertSame(await store.load(two), { n: 2 }, "The other key");
      await store.delete(one);
    },
  ],
  [
    "What is saved and loaded is copied: nobody changes it later",
    async ({ store }) => {
      const key = newKey();
      const state = { list: [1] };
      await store.save(key, state);
      state.list.push(2);
      // It is what was saved.
      const loaded = (await store.load(key)) as typeof state;
      assertSame(loaded, { list: [1] }, "What was loaded, after the saved object was changed");
      loaded.list.push(3);
      assertSame(await store.load(key), { list: [1] }, "What is loaded again");
    },
  ],
  [
    "A state of 1 MB is kept",
    async ({ store }) => {
      const key = newKey();
      const state = { text: "ä".repeat(500_000) };
      await store.save(key, state);
      assertSame(await store.load(key), state, "What was loaded");
    },
  ],
  [
    "Saves that overlap leave one of them, whole",
    async ({ store }) => {
      const key = newKey();
      const states = Array.from({ length: 20 }, (_, n) => ({ [`only ${n}`]: n, n }));
      await Promise.all(states.map(async (state) => store.save(key, state)));
      // It is one of them.
      const { n } = ((await store.load(key)) ?? {}) as { n?: number };
      assertSame(await store.load(key), states[n ?? -1], "What is left");
    },
  ],
  [
    "It outlives the process",
    async ({ store, reopen }) => {
      if (!reopen) return false;
      const key = newKey();
      await store.save(key, EVERYTHING);
      assertSame(await (await reopen()).load(key), EVERYTHING, "What another process loads");
      return true;
    },
  ],
];
