import { setTimeout as sleep } from "node:timers/promises";
import type { BrowserContext, Page } from "playwright-core";
import { describe, expect } from "vitest";
import { EPHEMERAL_MS } from "./support/build-demo.ts";
import { AssetServer } from "./support/asset-server.ts";
import { demoTest } from "./support/demo-test.ts";
import { DemoWindow } from "./support/demo-window.ts";

const WITHIN = { timeout: 60_000, interval: 50 };
const NOTES = { path: "/notes" };

/** Who has chosen settings and gone, and when. */
let visit: { readonly context: BrowserContext; readonly leftAt: number } | undefined;

const draft = (page: Page): Promise<string> =>
  page.getByLabel("Draft", { exact: true }).inputValue();

async function reads(page: Page, text: string): Promise<void> {
  await expect.poll(() => draft(page), WITHIN).toBe(text);
}

/** The page may be live before the draft's own module has been loaded and opened. */
async function hasDraft(page: Page): Promise<void> {
  await page.locator('[aria-label="Draft"]:enabled').waitFor();
}

/** Letter by letter, at a caret that was put there before. */
async function type(page: Page, text: string): Promise<void> {
  await hasDraft(page);
  await page.getByLabel("Draft", { exact: true }).pressSequentially(text);
}

async function putCaret(page: Page, place: number): Promise<void> {
  await page.getByLabel("Draft", { exact: true }).evaluate((field, at) => {
    (field as HTMLTextAreaElement).focus();
    (field as HTMLTextAreaElement).setSelectionRange(at, at);
  }, place);
}

const caret = (page: Page): Promise<number> =>
  page
    .getByLabel("Draft", { exact: true })
    .evaluate((field) => (field as HTMLTextAreaElement).selectionStart);

const isStored = (page: Page): Promise<void> =>
  page.locator('.sheet[data-pending="0"][aria-busy="false"]').waitFor();

async function choose(page: Page, ...words: readonly string[]): Promise<void> {
  await page.getByRole("button", { name: "Settings" }).click();
  for (const word of words) await page.getByText(word, { exact: true }).click();
  await page.keyboard.press("Escape");
}

const background = (page: Page): Promise<string> =>
  page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);

async function looks(page: Page, expected: Record<string, string>): Promise<void> {
  const chosen = (): Promise<Record<string, string | undefined>> =>
    page.evaluate(() => Object.assign({}, document.documentElement.dataset));
  await expect.poll(chosen, WITHIN).toMatchObject(expected);
}

describe("settings for a visit", () => {
  demoTest(
    "[G10] hold in all tabs of one browser, through a reload and a kill, until it leaves",
    async ({ open, browser, server }) => {
      const stranger = await open(NOTES);
      const window = await DemoWindow.open(browser, server.url, NOTES);
      const tab = await window.openTab();
      await tab.isLive();
      for (const one of [stranger, window, tab]) one.toleratesOutage = true;
      await choose(window.page, "night", "large");
      for (const { page } of [window, tab]) {
        await looks(page, { light: "night", letters: "large", water: "moving" });
        expect(await background(page)).toBe("rgb(6, 23, 27)");
      }
      expect(await background(stranger.page)).toBe("rgb(233, 238, 232)");
      await window.page.reload();
      await window.isLive();
      await looks(window.page, { light: "night", letters: "large" });
      await server.kill();
      await server.start();
      await window.page.reload();
      await window.isLive();
      await looks(window.page, { light: "night", letters: "large" });
      expect([...window.problems, ...tab.problems]).toEqual([]);
      await tab.page.close();
      await window.page.close();
      visit = { context: window.context, leftAt: performance.now() };
    },
  );
});

describe("the draft of a browser", () => {
  demoTest(
    "what is typed is there at once, in both tabs of one browser, and in no other one",
    async ({ open }) => {
      const mine = await open(NOTES);
      const stranger = await open(NOTES);
      const tab = await mine.openTab();
      await tab.isLive();
      await type(mine.page, "Gone fishing.");
      await mine.page.getByLabel("Title").fill("For the door");
      await reads(tab.page, "Gone fishing.");
      const title = (): Promise<string> => tab.page.getByLabel("Title").inputValue();
      await expect.poll(title, WITHIN).toBe("For the door");
      // A second browser has a draft of its own, and hears nothing of this one.
      await type(stranger.page, "Mine.");
      await isStored(stranger.page);
      await reads(mine.page, "Gone fishing.");
      expect(await draft(stranger.page)).toBe("Mine.");
      expect(stranger.received.join("")).not.toMatch(/fishing|door/);
      expect([...mine.received, ...tab.received].join("")).not.toContain("Mine.");
      expect(tab.problems).toEqual([]);
    },
  );

  demoTest(
    "[G7] two tabs that type at the same time, at different places, lose no letter",
    async ({ open }) => {
      const one = await open(NOTES);
      const other = await one.openTab();
      await other.isLive();
      await type(one.page, "[] and []");
      await isStored(one.page);
      await reads(other.page, "[] and []");
      await putCaret(one.page, 1);
      await putCaret(other.page, 8);
      const [first, second] = ["salt", "water"];
      await Promise.all([
        one.page.keyboard.type(first.repeat(5)),
        other.page.keyboard.type(second.repeat(5)),
      ]);
      const text = `[${first.repeat(5)}] and [${second.repeat(5)}]`;
      await Promise.all([reads(one.page, text), reads(other.page, text)]);
      // Each caret is where its writer left it, whatever was written elsewhere.
      expect(await caret(one.page)).toBe(1 + first.length * 5);
      expect(await caret(other.page)).toBe(text.length - 1);
      expect(other.problems).toEqual([]);
    },
  );

  demoTest(
    "[G2] [G7] what two tabs type offline comes together when the network is back",
    async ({ open }) => {
      const one = await open(NOTES);
      const other = await one.openTab();
      await other.isLive();
      await type(one.page, "up: / down: /");
      await isStored(one.page);
      await reads(other.page, "up: / down: /");
      for (const tab of [one, other]) tab.toleratesOutage = true;
      await one.context.setOffline(true);
      for (const { page } of [one, other]) {
        await page.locator('.status[data-status="offline"]').waitFor();
      }
      await putCaret(one.page, 4);
      await one.page.keyboard.type("sails");
      await putCaret(other.page, 12);
      await other.page.keyboard.type("anchor");
      // Neither knows of the other's yet.
      await reads(one.page, "up: sails/ down: /");
      await reads(other.page, "up: / down: anchor/");
      await one.context.setOffline(false);
      for (const { page } of [one, other]) await reads(page, "up: sails/ down: anchor/");
      for (const { page } of [one, other]) await isStored(page);
      expect(other.problems).toEqual([]);
    },
  );

  demoTest(
    "[G1] [G10] the draft is there after the server was killed and the page loaded again",
    async ({ open, server }) => {
      const window = await open(NOTES);
      await type(window.page, "Before the kill. ");
      await isStored(window.page);
      window.toleratesOutage = true;
      await server.kill();
      // Nobody answers: what is typed shows all the same, and says where it is.
      await window.page.getByLabel("Draft", { exact: true }).press("End");
      await type(window.page, "Into the silence.");
      await window.page.getByText("Kept in this browser").waitFor();
      await server.start();
      await isStored(window.page);
      await window.page.reload();
      await reads(window.page, "Before the kill. Into the silence.");
      await window.page.getByText("Stored on the server").waitFor();
    },
  );

  demoTest(
    "[G12] a draft typed offline is there when the page is loaded offline again, and arrives once",
    async ({ server, browser }) => {
      await using assets = await AssetServer.before(server.url);
      const window = await DemoWindow.open(browser, assets.url, NOTES);
      window.toleratesOutage = true;
      await type(window.page, "Ashore. ");
      await isStored(window.page);
      await server.kill();
      await window.page.locator('.status[data-status="reconnecting"]').waitFor();
      await window.page.getByLabel("Draft", { exact: true }).press("End");
      await type(window.page, "At sea.");
      window.page.on("dialog", (dialog) => void dialog.accept());
      await window.page.reload();
      await reads(window.page, "Ashore. At sea.");
      await window.page.getByText("Kept in this browser").waitFor();
      await server.start();
      await isStored(window.page);
      // Live, with nothing under way, it is what the server has; and so it is for another tab.
      await window.isLive();
      const tab = await window.openTab();
      await tab.isLive();
      await Promise.all([window, tab].map(({ page }) => reads(page, "Ashore. At sea.")));
      expect(window.problems).toEqual([]);
      await window.context.close();
    },
  );

  demoTest(
    "[G2] of two tabs that died with edits of the same place, the second one's is reported, not forced in",
    async ({ server, browser }) => {
      await using assets = await AssetServer.before(server.url);
      const one = await DemoWindow.open(browser, assets.url, NOTES);
      const other = await one.openTab();
      await other.isLive();
      await hasDraft(other.page);
      one.toleratesOutage = other.toleratesOutage = true;
      await server.kill();
      // The same place: nothing but the recipes, which die with their tabs, could bring it together.
      await type(one.page, "first");
      await type(other.page, "second");
      const next = await one.context.newPage();
      for (const tab of [one, other]) {
        await tab.page.getByText("Kept in this browser").waitFor();
        await tab.crash();
      }
      await server.start();
      await next.goto(`${assets.url}${NOTES.path}`);
      await next.getByRole("alert").getByText("A change to notes (update) was not kept.").waitFor();
      await isStored(next);
      expect(["first", "second"]).toContain(await draft(next));
      await next.getByRole("button", { name: "Close" }).click();
      await one.context.close();
    },
  );

  demoTest(
    "starting over can be taken back, and a draft too long is not taken",
    async ({ open }) => {
      const { page } = await open(NOTES);
      await type(page, "Keep me.");
      await page.getByRole("button", { name: "Start over" }).click();
      await reads(page, "");
      await page.getByRole("button", { name: "Bring it back" }).click();
      await reads(page, "Keep me.");
      // The field itself stops at the limit; the server does where the field is asked to forget it.
      await page
        .getByLabel("Draft", { exact: true })
        .evaluate((field) => field.removeAttribute("maxlength"));
      await page.getByLabel("Draft", { exact: true }).fill("x".repeat(4_001));
      await page.locator(".sheet").getByRole("alert").waitFor();
      await reads(page, "Keep me.");
    },
  );
});

describe("settings after the visit", () => {
  demoTest(
    "are gone some time after the last tab, whatever has happened to the server meanwhile",
    async ({ server }) => {
      // The tests above took longer than that, and killed the server on the way.
      if (!visit) throw new Error("This test goes on from the first one of this file: run both.");
      const { context } = visit;
      let { leftAt } = visit;
      // Where the server was dead, or far too slow, when it was due, it waits as long once more. Who
      // looks whether it is gone begins that anew.
      for (let look = 1; ; look++) {
        await sleep(Math.max(0, EPHEMERAL_MS + 2_000 - (performance.now() - leftAt)));
        const page = await context.newPage();
        await page.goto(`${server.url}${NOTES.path}`);
        await page.locator('.status[data-status="live"]').waitFor();
        const { light } = await page.evaluate(() =>
          Object.assign({}, document.documentElement.dataset),
        );
        if (light === "night" && look < 6) {
          await page.close();
          leftAt = performance.now();
          continue;
        }
        await looks(page, { light: "system", letters: "usual", water: "moving" });
        break;
      }
      await context.close();
    },
  );
});
