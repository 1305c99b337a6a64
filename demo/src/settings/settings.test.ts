import { describe, expect, test } from "vitest";
import { open, startDemo, watched } from "../demo-app.fixture.ts";
import { AS_DELIVERED } from "./settings-actions.ts";

describe("settings", () => {
  test("they outlive reloads and restarts, and are as delivered a minute after the last tab", async () => {
    using demo = startDemo();
    const browser = "laptop";
    const tab = demo.page({ browser });
    await watched(open(tab).module("settings")).actions.choose({ light: "night" });
    tab.close();
    demo.kill();
    await demo.pass(30_000);
    const again = demo.page({ browser });
    const settings = watched(open(again).module("settings"));
    await demo.rest();
    expect(settings.getSnapshot().state).toEqual({ ...AS_DELIVERED, light: "night" });
    again.close();
    await demo.pass(120_000);
    const later = watched(open(demo.page({ browser })).module("settings"));
    await demo.rest();
    expect(later.getSnapshot().state).toEqual(AS_DELIVERED);
  });

  test.each([{ light: "ultraviolet" }, { water: 3 }, { letters: null }])(
    "%j is no setting, and nothing is set by it",
    async (choice) => {
      using demo = startDemo();
      const settings = watched(open(demo.page()).module("settings"));
      const chosen = settings.actions.choose({ letters: "large", ...choice } as never);
      await expect(chosen).rejects.toMatchObject({ code: "REFUSED" });
      expect(settings.getSnapshot().state).toEqual(AS_DELIVERED);
    },
  );
});
