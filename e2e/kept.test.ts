import type { Dialog } from "playwright-core";
import { describe, expect } from "vitest";
import { AssetServer } from "./support/asset-server.ts";
import { demoTest } from "./support/demo-test.ts";
import { DemoWindow } from "./support/demo-window.ts";
import { keptRows } from "./support/kept-rows.ts";

describe("what a browser keeps", () => {
  demoTest(
    "[G2] [G7] edits that two tabs make offline arrive once, and both tabs show all of them",
    async ({ open }) => {
      const first = await open({ room: "two-tabs" });
      const stranger = await open({ room: "two-tabs" });
      const second = await first.openTab();
      await second.isLive();
      const before = await first.count();
      for (const tab of [first, second]) tab.toleratesOutage = true;
      await first.context.setOffline(true);
      for (const tab of [first, second]) {
        await tab.page.locator('.status[data-status="offline"]').waitFor();
      }
      await first.press(3);
      await second.press(4);
      await first.say("from the first");
      await second.say("from the second");
      expect([await first.count(), await second.count()]).toEqual([before + 3, before + 4]);
      await first.context.setOffline(false);
      const all = [first, second, stranger];
      await Promise.all(all.map((window) => window.counts(before + 7)));
      await Promise.all([first, second].map((tab) => tab.isSettled()));
      const texts = (await stranger.texts()).toSorted();
      expect(texts).toEqual(["from the first", "from the second"]);
      expect(second.problems).toEqual([]);
    },
  );

  demoTest(
    "[G2] [G12] a tab that is killed with work queued: the tab beside it sends it, once",
    async ({ open }) => {
      const first = await open({ room: "killed" });
      const stranger = await open({ room: "killed" });
      const second = await first.openTab();
      await second.isLive();
      const before = await first.count();
      first.toleratesOutage = second.toleratesOutage = true;
      await first.context.setOffline(true);
      await first.page.locator('.status[data-status="offline"]').waitFor();
      await first.press(5);
      await first.say("last words");
      await first.crash();
      // It is the second tab's now, and shows there, still offline.
      await second.counts(before + 5);
      await second.reads(["last words"]);
      expect(await second.pending()).toBe(6);
      await second.context.setOffline(false);
      await Promise.all([second, stranger].map((window) => window.counts(before + 5)));
      await stranger.reads(["last words"]);
      await second.isSettled();
      expect(second.problems).toEqual([]);
    },
  );

  demoTest(
    "[G2] [G12] the only tab is killed right after many clicks while the server is dead: the next visit sends them, once",
    async ({ open, server }) => {
      const window = await open();
      const stranger = await open();
      const before = await window.count();
      window.toleratesOutage = stranger.toleratesOutage = true;
      await server.kill();
      await window.page.locator('.status[data-status="reconnecting"]').waitFor();
      await window.pressAtOnce(50);
      const { context } = window;
      await window.crash();
      await server.start();
      const next = await context.newPage();
      await next.goto(server.url);
      await stranger.counts(before + 50);
      await next.getByText(`The count is ${before + 50}.`).waitFor();
      // And not once more at the visit after that.
      await next.locator('.tide__pending[data-pending="0"]').waitFor();
      await next.reload();
      await next.getByText(`The count is ${before + 50}.`).waitFor();
      await next.locator('.status[data-status="live"]').waitFor();
      await stranger.counts(before + 50);
    },
  );

  demoTest(
    "[G12] a page that is loaded while the server is dead shows what it showed, and takes actions",
    async ({ open, server, browser }) => {
      await using assets = await AssetServer.before(server.url);
      const window = await DemoWindow.open(browser, assets.url, { room: "cached" });
      window.toleratesOutage = true;
      await window.press(2);
      await window.say("before the storm");
      await window.isSettled();
      const before = await window.count();
      const kept = (): Promise<string> => keptRows(window.page, "snapshots");
      await expect.poll(kept, { timeout: 30_000 }).toContain(`"count":${before}`);
      await expect.poll(kept, { timeout: 30_000 }).toContain('"messageCount":1');
      await server.kill();
      await window.page.reload();
      await window.page.getByText(`The count is ${before}.`).waitFor();
      await window.reads(["before the storm"]);
      await window.press(3);
      expect(await window.count()).toBe(before + 3);
      // Once more: what was done meanwhile is there as well. The page asks before it is left.
      const asked = window.page.waitForEvent("dialog");
      const [dialog] = await Promise.all([asked, accept(asked), window.page.reload()]);
      expect(dialog.type()).toBe("beforeunload");
      await window.counts(before + 3);
      await server.start();
      await window.isSettled();
      await window.counts(before + 3);
      await (await open()).counts(before + 3);
      expect(window.problems).toEqual([]);
      await window.context.close();
    },
  );
});

async function accept(asked: Promise<Dialog>): Promise<void> {
  await (await asked).accept();
}
