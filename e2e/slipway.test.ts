import { describe, expect } from "vitest";
import type { Page } from "playwright-core";
import { demoTest } from "./support/demo-test.ts";

const WITHIN = { timeout: 60_000, interval: 50 };

/** The names at a berth, in order. */
const boatsAt = (page: Page, berth: string): Promise<string[]> =>
  page.locator(`.berth[data-berth="${berth}"] .boat__name`).allTextContents();

async function layDown(page: Page, name: string): Promise<void> {
  await page.getByLabel("What is to be done").fill(name);
  // Until the slipway is there, Enter keeps the name where it is.
  await page.getByRole("button", { name: "Lay down" }).and(page.locator(":enabled")).waitFor();
  await page.keyboard.press("Enter");
}

const settled = (page: Page): Promise<void> => page.locator('.panel[data-pending="0"]').waitFor();

describe("the slipway, a class, in two windows", () => {
  demoTest("boats are laid down, move and are scrapped in both", async ({ open }) => {
    const [one, other] = await Promise.all([
      open({ path: "/slipway" }),
      open({ path: "/slipway" }),
    ]);
    await layDown(one.page, "Caulk the hull");
    await layDown(other.page, "Order rope");
    for (const { page } of [one, other]) {
      await expect.poll(() => boatsAt(page, "ashore"), WITHIN).toHaveLength(2);
    }
    await other.page.getByLabel("Caulk the hull: on, afloat").click();
    await one.page.getByLabel("Caulk the hull: on, home").click();
    await expect.poll(() => boatsAt(other.page, "home"), WITHIN).toEqual(["Caulk the hull"]);
    await other.page.getByLabel("Scrap Caulk the hull").click();
    await expect.poll(() => boatsAt(one.page, "home"), WITHIN).toEqual([]);
    await expect
      .poll(() => one.page.locator(".logbook li").allTextContents(), WITHIN)
      .toEqual([
        expect.stringContaining("Caulk the hull was scrapped"),
        expect.stringContaining("Caulk the hull is home"),
        expect.stringContaining("Caulk the hull is afloat"),
        expect.stringContaining("was laid down"),
        expect.stringContaining("was laid down"),
      ]);
  });

  demoTest(
    "[G1] [G10] boats and logbook are there after SIGKILL, and the page goes on",
    async ({ open, server }) => {
      const window = await open({ path: "/slipway" });
      await layDown(window.page, "Splice the mainbrace");
      await expect
        .poll(() => boatsAt(window.page, "ashore"), WITHIN)
        .toContain("Splice the mainbrace");
      await settled(window.page);
      window.toleratesOutage = true;
      await server.kill();
      await window.page.getByLabel("Splice the mainbrace: on, afloat").click();
      // The prediction shows without a server.
      expect(await boatsAt(window.page, "afloat")).toContain("Splice the mainbrace");
      await server.start();
      await settled(window.page);
      const later = await open({ path: "/slipway" });
      await expect
        .poll(() => boatsAt(later.page, "afloat"), WITHIN)
        .toContain("Splice the mainbrace");
      await expect
        .poll(() => later.page.locator(".logbook li").first().textContent(), WITHIN)
        .toContain("Splice the mainbrace is afloat");
    },
  );
});
