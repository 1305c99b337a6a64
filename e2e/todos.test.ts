import { describe, expect } from "vitest";
import { demoTest } from "./support/demo-test.ts";
import type { DemoWindow } from "./support/demo-window.ts";
import { keptTexts } from "./support/kept-rows.ts";
import { Todos } from "./support/todos.ts";

const TODOS = { path: "/todos" };

/** All that a browser's page was ever sent, as one text. */
const heard = (window: DemoWindow): string => window.received.join("\n");

describe("to-dos of an account that begins inside the app", () => {
  demoTest(
    "[G22] what a guest wrote comes along at the first sign-in, and is merged at a later one",
    async ({ open }) => {
      const window = await open(TODOS);
      const todos = new Todos(window.page);
      await todos.isUser("guest");
      await todos.add("Buy rope", "Feed the cat");
      await todos.page.getByLabel("Buy rope", { exact: true }).check();
      await todos.isStored();
      await todos.signIn("Ada");
      await todos.shows("✓ Buy rope", "Feed the cat");
      await todos.signOut();
      await todos.shows();
      await todos.add("Mend the net");
      await todos.isStored();
      await todos.signIn("Ada");
      await todos.shows("✓ Buy rope", "Feed the cat", "Mend the net");
      // And no second time: the guest's list went with it.
      await todos.signOut();
      await todos.shows();
      await todos.signIn("Ada");
      await todos.shows("✓ Buy rope", "Feed the cat", "Mend the net");
    },
  );

  demoTest(
    "[G15] [G22] two browsers at once: a switch shows, and is sent, nothing of the other account",
    async ({ open, server }) => {
      const [first, second] = await Promise.all([open(TODOS), open(TODOS)]);
      const [one, two] = [new Todos(first.page), new Todos(second.page)];
      first.toleratesOutage = second.toleratesOutage = true;
      await Promise.all([one.signIn("Bo"), two.signIn("Chidi")]);
      await Promise.all([one.add("bo-canary-1"), two.add("chidi-canary-1")]);
      await Promise.all([one.isStored(), two.isStored()]);

      await server.kill();
      await server.start();
      await Promise.all([first.isLive(), second.isLive()]);
      await Promise.all([one.shows("bo-canary-1"), two.shows("chidi-canary-1")]);
      expect(heard(first)).not.toContain("chidi-canary");
      expect(heard(second)).not.toContain("bo-canary");

      // From here on, the first browser is Chidi's: of Bo's list not one byte comes any more.
      const before = first.received.length;
      const seen = await watchItems(first);
      await one.signIn("Chidi");
      await one.shows("chidi-canary-1");
      await two.add("chidi-canary-2");
      await one.shows("chidi-canary-1", "chidi-canary-2");
      const since = first.received.slice(before).join("\n");
      expect(since).toContain("chidi-canary-2");
      expect(since).not.toContain("bo-canary");
      // Nor was there a moment in which one's items stood on the other's list, or are both kept.
      const texts = await seen();
      expect(texts.some((text) => /^chidi:.*chidi-canary/s.test(text))).toBe(true);
      expect(
        texts.filter((text) => /^chidi:.*bo-canary|^(?!chidi:).*chidi-canary/s.test(text)),
      ).toEqual([]);
      const kept = (): Promise<string> => keptTexts(first.page);
      await expect.poll(kept, { timeout: 30_000 }).toContain("chidi-canary-2");
      expect(await kept()).not.toContain("bo-canary");

      await server.kill();
      await server.start();
      await first.isLive();
      // Bo's list has waited where it was.
      await one.signIn("Bo");
      await one.shows("bo-canary-1");
      await one.signOut();
      await one.shows();
      expect(heard(second)).not.toContain("bo-canary");
    },
  );

  demoTest(
    "two devices of one account share one list, live; one that signs out leaves the other there",
    async ({ open, server }) => {
      const [phone, desk] = await Promise.all([open(TODOS), open(TODOS)]);
      phone.toleratesOutage = desk.toleratesOutage = true;
      const [one, two] = [new Todos(phone.page), new Todos(desk.page)];
      // Whatever the tests before have left there.
      for (const todos of [one, two]) await todos.signIn("Ada");
      const old = await one.items();
      await one.add("Scrub the deck");
      await two.shows(...old, "Scrub the deck");
      await two.page.getByLabel("Scrub the deck", { exact: true }).check();
      await one.shows(...old, "✓ Scrub the deck");
      await server.kill();
      await one.add("Written without a server");
      await server.start();
      await two.shows(...old, "✓ Scrub the deck", "Written without a server");
      await two.isStored();
      await one.isStored();
      await one.signOut();
      await one.shows();
      await two.add("Still here");
      await two.shows(...old, "✓ Scrub the deck", "Written without a server", "Still here");
      await one.shows();
    },
  );

  demoTest("all tabs of a browser move along, also after a reload", async ({ open }) => {
    const window = await open(TODOS);
    const tab = await window.openTab();
    const [one, two] = [new Todos(window.page), new Todos(tab.page)];
    await two.isUser("guest");
    await one.add("From the first tab");
    await two.shows("From the first tab");
    await two.signIn("Bo");
    await one.isUser("bo");
    expect(await one.items()).toContain("From the first tab");
    await one.page.reload();
    await one.isUser("bo");
    await one.signOut();
    await two.isUser("guest");
    await two.shows();
    expect(tab.problems).toEqual([]);
  });
});

/** Notes every text that the list has, and whose it is, from now on until it is asked. */
async function watchItems({ page }: DemoWindow): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const texts: string[] = [];
    const note = (): void => {
      const list = document.querySelector<HTMLElement>(".todos");
      texts.push(`${list?.dataset["user"]}: ${list?.textContent}`);
    };
    const all = { subtree: true, childList: true, attributes: true, characterData: true };
    new MutationObserver(note).observe(document.body, all);
    Object.assign(globalThis, { watchedTexts: texts });
  });
  return () =>
    page.evaluate(() => (globalThis as unknown as { watchedTexts: string[] }).watchedTexts);
}
