import type { Page } from "playwright-core";
import { describe, expect } from "vitest";
import { demoTest } from "./support/demo-test.ts";

describe("the chat, in two windows", () => {
  demoTest("a message is on one's own side here, and on the other there", async ({ open }) => {
    const [ann, bo] = await Promise.all([
      open({ name: "Ann", room: "hello" }),
      open({ name: "Bo", room: "hello" }),
    ]);
    await ann.say("Is anybody there?");
    await bo.reads(["Is anybody there?"]);
    await bo.say("Aye.");
    await Promise.all([ann, bo].map((one) => one.reads(["Is anybody there?", "Aye."])));
    expect(
      await ann.page.locator('.message[data-mine="true"] .message__text').allTextContents(),
    ).toEqual(["Is anybody there?"]);
    expect(
      await bo.page.locator('.message[data-mine="true"] .message__text').allTextContents(),
    ).toEqual(["Aye."]);
    expect(await bo.page.locator(".message__author").allTextContents()).toEqual(["AAnn"]);
  });

  demoTest("[G7] both talking at once read the same, in the same order", async ({ open }) => {
    const [ann, bo] = await Promise.all([open({ room: "storm" }), open({ room: "storm" })]);
    const lines = (who: string): string[] => Array.from({ length: 15 }, (_, at) => `${who} ${at}`);
    await Promise.all([
      (async () => {
        for (const line of lines("ann")) await ann.say(line);
      })(),
      (async () => {
        for (const line of lines("bo")) await bo.say(line);
      })(),
    ]);
    await Promise.all([ann.isSettled(), bo.isSettled()]);
    await expect.poll(async () => (await bo.texts()).length).toBe(30);
    const read = await ann.texts();
    expect(await bo.texts()).toEqual(read);
    // [G3] Each writer's own words come in the order of writing.
    expect(read.filter((text) => text.startsWith("ann"))).toEqual(lines("ann"));
    expect(read.filter((text) => text.startsWith("bo"))).toEqual(lines("bo"));
  });

  demoTest("rooms keep to themselves, and remember", async ({ open }) => {
    const window = await open({ room: "harbour" });
    await window.say("in the harbour");
    await window.enter("reef");
    await window.reads([]);
    await window.say("at the reef");
    await window.isSettled();
    await window.enter("harbour");
    await window.reads(["in the harbour"]);
    await window.page.reload();
    await window.isLive();
    await window.reads(["in the harbour"]);
    await window.enter("reef");
    await window.reads(["at the reef"]);
  });

  demoTest("a room opened by name is in everybody's list, and is entered", async ({ open }) => {
    const [ann, bo] = await Promise.all([open(), open()]);
    await ann.page.getByRole("button", { name: "new room" }).click();
    await ann.page.keyboard.type("Kelp Forest!");
    await ann.page.keyboard.press("Enter");
    await ann.page.getByLabel("Message to kelp-forest").waitFor();
    await bo.enter("kelp-forest");
    await ann.say("Mind the urchins.");
    await bo.reads(["Mind the urchins."]);
  });

  demoTest("one's name stays after a reload", async ({ open }) => {
    const window = await open({ name: "Captain" });
    await window.page.reload();
    await window.isLive();
    expect(await window.page.getByLabel("Your name").inputValue()).toBe("Captain");
  });

  demoTest("text is text: markup in it does nothing", async ({ open }) => {
    const window = await open({ room: "markup" });
    const text = `<img src=x onerror="document.title='owned'"> & <b>bold</b>`;
    await window.say(text);
    await window.reads([text]);
    expect(await window.page.title()).not.toBe("owned");
  });

  demoTest(
    "a reader at the end sees what comes; one who reads above is not moved",
    async ({ open }) => {
      const [ann, bo] = await Promise.all([open({ room: "scroll" }), open({ room: "scroll" })]);
      for (let at = 0; at < 25; at++) await ann.say(`line ${at}`);
      await bo.page.getByText("line 24", { exact: true }).waitFor();
      await expect.poll(() => distanceToEnd(bo.page)).toBeLessThan(2);
      await bo.page.locator(".messages__scroller").evaluate((element) => element.scrollTo(0, 0));
      const latest = bo.page.getByRole("button", { name: "latest" });
      await latest.waitFor();
      await ann.say("line 25");
      await bo.page.getByText("line 25", { exact: true }).waitFor({ state: "attached" });
      expect(
        await bo.page.locator(".messages__scroller").evaluate((element) => element.scrollTop),
      ).toBe(0);
      await latest.click();
      await expect.poll(() => distanceToEnd(bo.page)).toBeLessThan(2);
    },
  );
});

function distanceToEnd(page: Page): Promise<number> {
  return page
    .locator(".messages__scroller")
    .evaluate((element) => element.scrollHeight - element.scrollTop - element.clientHeight);
}
