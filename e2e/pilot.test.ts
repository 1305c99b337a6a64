import type { Page } from "playwright-core";
import { describe, expect } from "vitest";
import { demoTest } from "./support/demo-test.ts";

const WITHIN = { timeout: 60_000, interval: 50 };
const WHOLE = "It has never failed to come.";

const answer = async (page: Page): Promise<string> =>
  (await page.locator(".pilot__answer").textContent()) ?? "";

async function ask(page: Page, question: string): Promise<void> {
  await page.getByLabel("A question for the pilot").fill(question);
  await page
    .getByRole("button", { name: "Ask", exact: true })
    .and(page.locator(":enabled"))
    .click();
}

const isAt = (page: Page, status: string): Promise<void> =>
  page.locator(`.pilot[data-status="${status}"]`).waitFor();

/** So much of the answer is there that it is seen to come, and not all of it. */
async function isUnderWay(page: Page, question: string): Promise<void> {
  await expect
    .poll(() => answer(page), WITHIN)
    .toMatch(new RegExp(`^You ask: ${question}.{20,}`, "s"));
  expect(await answer(page)).not.toContain(WHOLE);
}

describe("the pilot, an assistant whose answer is a stream, in two windows", () => {
  demoTest(
    "an answer comes in both as it is given, and is there for who comes later",
    async ({ open }) => {
      const [one, other] = await Promise.all([open({ path: "/pilot" }), open({ path: "/pilot" })]);
      await ask(one.page, "Which way?");
      await Promise.all([one, other].map(({ page }) => isUnderWay(page, "Which way")));
      await Promise.all([one, other].map(({ page }) => isAt(page, "done")));
      const whole = await answer(one.page);
      expect(whole).toContain(WHOLE);
      expect(await answer(other.page)).toBe(whole);
      const late = await open({ path: "/pilot" });
      await expect.poll(() => answer(late.page), WITHIN).toBe(whole);
    },
  );

  demoTest("it is stopped in the other window, and what had come stays", async ({ open }) => {
    const [one, other] = await Promise.all([open({ path: "/pilot" }), open({ path: "/pilot" })]);
    await ask(one.page, "How deep?");
    await isUnderWay(other.page, "How deep");
    await other.page.getByRole("button", { name: "Stop" }).click();
    await Promise.all([one, other].map(({ page }) => isAt(page, "error")));
    const told = await answer(one.page);
    expect(told).not.toContain(WHOLE);
    expect(await answer(other.page)).toBe(told);
    expect(await one.page.locator(".pilot__end").textContent()).toContain("heard enough");
  });

  demoTest("it fails in the middle, and says so", async ({ open }) => {
    const { page } = await open({ path: "/pilot" });
    await ask(page, "Is there a kraken?");
    await page.getByText("Something happened to the pilot").waitFor();
    await isAt(page, "error");
    expect(await answer(page)).toMatch(/^You ask: Is there a kraken/);
  });

  demoTest(
    "[G10] [P99] a killed server cuts it back to what was stored",
    async ({ open, server }) => {
      const [one, other] = await Promise.all([open({ path: "/pilot" }), open({ path: "/pilot" })]);
      for (const window of [one, other]) window.toleratesOutage = true;
      await ask(one.page, "Home by nightfall?");
      await isUnderWay(other.page, "Home by nightfall");
      // A word comes every 30 ms, and what comes is stored every 250: the beginning is, by then.
      await expect.poll(async () => (await answer(other.page)).length, WITHIN).toBeGreaterThan(200);
      await server.kill();
      const before = await answer(other.page);
      await server.start();
      await Promise.all([one, other].map(({ page }) => isAt(page, "error")));
      const stored = await answer(other.page);
      expect(stored).toMatch(/^You ask: Home by nightfall/);
      expect(before.startsWith(stored)).toBe(true);
      expect(await answer(one.page)).toBe(stored);
      expect(await one.page.locator(".pilot__end").textContent()).toContain(
        "stopped in the middle",
      );
    },
  );
});
