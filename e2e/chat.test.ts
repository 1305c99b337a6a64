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

  demoTest(
    "[G1] [G2] [G10] two users in three tabs, and the server killed in between: counter, colours and rooms are as they were",
    async ({ open, server }) => {
      const ann = await open({ name: "Ann", room: "galley" });
      const bo = await open({ name: "Bo", room: "galley" });
      const annToo = await ann.openTab();
      await annToo.isLive();
      const all = [ann, annToo, bo];
      for (const window of all) window.toleratesOutage = true;
      await ann.theme("coral").check({ force: true });
      await Promise.all([ann, annToo].map((tab) => tab.hasTheme("coral")));
      await bo.hasTheme("tide");
      await Promise.all([ann.seesHere("Bo is here"), bo.seesHere("Ann is here")]);

      await ann.say("one");
      await annToo.say("two");
      await bo.say("three");
      await Promise.all([ann.hasSent(2), annToo.hasSent(2), bo.hasSent(1)]);
      await expect.poll(async () => (await bo.texts()).length).toBe(3);
      const before = await bo.texts();
      expect(before.toSorted()).toEqual(["one", "three", "two"]);
      // Who has left the room for another one is still told of it, also when the server has died.
      await bo.enter("deep-water");
      await ann.say("still there?");
      await bo.hasUnread("galley", 1);

      await server.kill();
      await ann.say("into the dark");
      await annToo.say("and from the other tab");
      await bo.say("hello?");
      await server.start();
      await Promise.all(all.map((window) => window.isSettled()));
      await Promise.all([ann.hasSent(5), annToo.hasSent(5), bo.hasSent(2)]);
      await ann.say("and now?");
      await bo.hasUnread("galley", 4);
      await bo.reads(["hello?"]);
      await bo.enter("galley");
      await expect.poll(async () => (await bo.texts()).length).toBe(7);
      const texts = await bo.texts();
      expect(texts.slice(0, 4)).toEqual([...before, "still there?"]);
      expect(texts.at(-1)).toBe("and now?");
      expect(await bo.page.locator(".messages__new ~ .message").count()).toBe(4);
      await Promise.all([ann, annToo].map((tab) => tab.reads(texts)));

      // Not from memory: the user's own state, in a tab that comes after the last kill.
      const later = await ann.openTab();
      await later.isLive();
      await later.hasTheme("coral");
      await later.hasSent(6);
      await expect.poll(() => later.page.getByLabel("Your name").inputValue()).toBe("Ann");
      const stranger = await open({ room: "galley" });
      await stranger.hasTheme("tide");
      await stranger.hasSent(0);
      expect([annToo, later].flatMap(({ problems }) => problems)).toEqual([]);
    },
  );

  demoTest("who writes is seen by the others, and not by their own tabs", async ({ open }) => {
    const [ann, bo] = await Promise.all([
      open({ name: "Ann", room: "quay" }),
      open({ name: "Bo", room: "quay" }),
    ]);
    const annToo = await ann.openTab();
    await annToo.isLive();
    await bo.seesHere("Ann is here");
    await annToo.seesHere("Bo is here");
    await ann.page.getByLabel("Message to quay").pressSequentially("Well");
    await bo.page.getByText("Ann is writing").waitFor();
    expect(await annToo.page.locator(".typing").textContent()).toBe("");
    await ann.page.keyboard.press("Enter");
    await bo.reads(["Well"]);
    await bo.page.locator('.typing[data-typing="false"]').waitFor();
    await ann.page.close();
    // She is there as long as one tab of hers is.
    await annToo.say("Still here.");
    await bo.reads(["Well", "Still here."]);
    await bo.seesHere("Ann is here");
    await annToo.page.close();
    await bo.seesHere("Nobody else is here");
  });

  demoTest(
    "a long history comes in pages, the newest first, and what is read stays where it is",
    async ({ open }) => {
      const ann = await open({ room: "deep" });
      const lines = Array.from({ length: 34 }, (_, at) => `line ${at}`);
      for (const line of lines) await ann.say(line);
      await ann.isSettled();
      const bo = await open({ room: "deep" });
      await bo.reads(lines.slice(4));
      await expect.poll(() => distanceToEnd(bo.page)).toBeLessThan(2);
      await bo.page.locator(".messages__scroller").evaluate((element) => element.scrollTo(0, 0));
      const top = (): Promise<number> =>
        bo.page
          .getByText("line 6", { exact: true })
          .evaluate((element) => element.getBoundingClientRect().top);
      await bo.page.getByRole("button", { name: "latest" }).waitFor();
      const before = await top();
      await bo.page.getByRole("button", { name: "load earlier" }).click();
      await bo.reads(lines);
      // The button that was above it is gone.
      expect(Math.abs((await top()) - before)).toBeLessThan(60);
      expect(await bo.page.getByRole("button", { name: "load earlier" }).count()).toBe(0);
    },
  );

  demoTest("one's name stays after a reload", async ({ open }) => {
    const window = await open({ name: "Captain" });
    await window.page.reload();
    await window.isLive();
    await expect.poll(() => window.page.getByLabel("Your name").inputValue()).toBe("Captain");
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
