import { describe, expect, test } from "vitest";
import { open, startDemo, watched } from "../demo-app.fixture.ts";
import { increment, LARGEST_STEP } from "./counter-actions.ts";

describe("the counter", () => {
  test("[G8] presses of a page that was offline are added to what others did meanwhile", async () => {
    using demo = startDemo({ hibernates: true });
    const train = demo.page();
    const ann = watched(open(train).module("counter"));
    const bob = watched(open(demo.page()).module("counter"));
    await ann.optimistic(() => ({ increment })).increment(1);
    await demo.rest();
    train.goOffline();
    const pressed = [2, 3].map((by) => ann.optimistic(() => ({ increment })).increment(by));
    expect(ann.getSnapshot()).toMatchObject({ pending: 2, state: { count: 6 } });
    await bob.actions.increment(10);
    train.goOnline();
    await demo.pass(60_000);
    await expect(Promise.all(pressed)).resolves.toEqual([13, 16]);
    for (const one of [ann, bob]) expect(one.getSnapshot().state).toEqual({ count: 16 });
  });

  test.each([0, -1, 1.5, LARGEST_STEP + 1, Number.NaN, "3" as never])(
    "[G4] a step of %s is refused, and nothing is counted",
    async (by) => {
      using demo = startDemo();
      const counter = watched(open(demo.page()).module("counter"));
      await expect(counter.actions.increment(by)).rejects.toMatchObject({ code: "REFUSED" });
      expect(counter.getSnapshot().state).toEqual({ count: 0 });
    },
  );
});
