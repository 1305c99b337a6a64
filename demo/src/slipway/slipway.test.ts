import { describe, expect, test } from "vitest";
import { open, startDemo, watched } from "../demo-app.fixture.ts";

describe("the slipway", () => {
  test.each([{ hibernates: false }, { hibernates: true }])(
    "[G10] the logbook says what was done, in order, hibernates: $hibernates",
    async (options) => {
      using demo = startDemo(options);
      const slipway = watched(open(demo.page()).module("slipway"));
      await slipway.actions.launch(" Alma ");
      const [boat] = slipway.getSnapshot().state?.boats ?? [];
      await slipway.actions.move({ id: boat?.id ?? "", to: "afloat" });
      demo.kill();
      await demo.pass(60_000);
      await slipway.actions.scrap(boat?.id ?? "");
      expect(slipway.getSnapshot().state?.boats).toEqual([]);
      const lines = await slipway.actions.logbook();
      expect(lines.map(({ text }) => text)).toEqual([
        "Alma was scrapped",
        "Alma is afloat",
        "Alma was laid down",
      ]);
    },
  );

  test("[G4] what is refused, or finds no boat, is in no logbook", async () => {
    using demo = startDemo();
    const { actions } = watched(open(demo.page()).module("slipway"));
    await expect(actions.launch(" ")).rejects.toMatchObject({ code: "REFUSED" });
    await expect(actions.move({ id: "x", to: "away" as never })).rejects.toMatchObject({
      code: "REFUSED",
    });
    await actions.move({ id: "x", to: "home" });
    await actions.scrap("x");
    await expect(actions.logbook()).resolves.toEqual([]);
  });

  test("[G4] a boat that storage did not take is neither on the slip nor in the logbook", async () => {
    using demo = startDemo();
    const slipway = watched(open(demo.page()).module("slipway"));
    await demo.rest();
    demo.failStorage();
    const launched = slipway.actions.launch("Alma");
    await demo.pass(5_000);
    expect(slipway.getSnapshot()).toMatchObject({ pending: 1, state: { boats: [] } });
    demo.failStorage(false);
    await demo.pass(60_000);
    await launched;
    expect(slipway.getSnapshot().state?.boats).toMatchObject([{ name: "Alma" }]);
    await expect(slipway.actions.logbook()).resolves.toHaveLength(1);
  });
});
