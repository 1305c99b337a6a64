import { chromium } from "playwright-core";
import { expect, test } from "vitest";
import { CHROMIUM_FLAGS, requireChromium } from "../scripts/find-chromium.ts";
import { DemoServer } from "./support/demo-server.ts";
import { DemoWindow } from "./support/demo-window.ts";

test("`vite dev` serves page and Worker from the sources, live in two windows; StrictMode opens exactly one socket for each instance", async () => {
  await using server = await DemoServer.start("dev");
  const browser = await chromium.launch({
    executablePath: requireChromium(),
    args: [...CHROMIUM_FLAGS],
  });
  try {
    const one = await DemoWindow.open(browser, server.url, {});
    const other = await DemoWindow.open(browser, server.url, {});
    await one.press(5);
    await other.press(5);
    await one.counts(10);
    await other.counts(10);
    await one.say("hello from the sources");
    await other.reads(["hello from the sources"]);
    const connect = (name: string): string => `/holdfast/connect/${name}`;
    for (const { sockets } of [one, other]) {
      expect(sockets.toSorted()).toEqual(
        ["connection%3Auser", "counter", "rooms", "settings"].map(connect),
      );
    }
    // A page that is gone to brings its own; those of the page that was left are closed.
    for (const [name, field] of [
      ["To-dos", "New to-do"],
      ["Notes", "Draft"],
    ] as const) {
      await one.page.getByRole("link", { name }).click();
      await one.page.locator(`[aria-label="${field}"]:enabled`).waitFor();
    }
    await expect
      .poll(() => one.openSockets.toSorted(), { timeout: 30_000 })
      .toEqual(["notes", "settings"].map(connect));
    expect(one.sockets).toHaveLength(6);
    expect([...one.problems, ...other.problems]).toEqual([]);
  } finally {
    await browser.close();
  }
});
