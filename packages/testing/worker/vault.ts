import { app, durableObjectStore, named } from "@holdfast/server";

/** A state with everything in it that a state can hold. */
const vault = app
  .defineState(
    {
      byNumber: new Map<number | string, unknown>(),
      seen: new Set<string>(),
      at: new Date(0),
      big: 0n,
      odd: [] as unknown[],
      long: "",
    },
    { version: 3 },
  )
  .persist(durableObjectStore(named()))
  .onAction("fill", ({ state }, size: number) => {
    for (let n = 0; n < size; n++) state.byNumber.set(n % 2 ? n : String(n), { n, text: `#${n}` });
    state.seen = new Set(["b", "a"]);
    state.at = new Date(1_234_567_890_123);
    state.big = 2n ** 80n;
    state.odd = [undefined, Number.NaN, -0, Number.POSITIVE_INFINITY, new Uint8Array([1, 2, 255])];
    state.odd.push(/a\/b/giu, new URL("https://app.example/?a=b"), { $: "object" });
    state.long = "é😀".repeat(size * 10);
  })
  .onAction("clear", ({ state }) => state.byNumber.clear())
  .build();

export const modules = { vault };
