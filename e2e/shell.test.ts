import { describe, expect } from "vitest";
import { demoTest } from "./support/demo-test.ts";

const heading = "main h2";

describe("the pages of the demo, and what stands around them", () => {
  demoTest("a link shows its page, without loading the document again", async ({ open }) => {
    const { page } = await open();
    await page.evaluate(() => Object.assign(globalThis, { isSameDocument: true }));
    await page.getByRole("link", { name: "Notes" }).click();
    await page.getByLabel("Draft", { exact: true }).waitFor();
    expect(new URL(page.url()).pathname).toBe("/notes");
    await expect.poll(() => page.title()).toBe("Notes · Holdfast");
    // Who uses a keyboard or a screen reader goes on in the new page.
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("MAIN");
    await page.goBack();
    await page.locator(".tide__press:enabled").waitFor();
    expect(await page.evaluate(() => "isSameDocument" in globalThis)).toBe(true);
  });

  demoTest("an address shows its page, and one that is none says so", async ({ open }) => {
    const { page } = await open({ path: "/todos" });
    expect(await page.locator(heading).textContent()).toContain("list");
    expect(await page.locator('nav [aria-current="page"]').allTextContents()).toEqual(["To-dos"]);
    await page.goto(new URL("/nowhere", page.url()).href);
    await page.getByRole("link", { name: "Back to the harbour" }).click();
    await page.locator(".tide__press:enabled").waitFor();
  });

  demoTest("a page's code comes when somebody is about to go there", async ({ open }) => {
    const { page } = await open();
    const scripts = (): Promise<string[]> =>
      page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name));
    const isFetched = async (): Promise<boolean> =>
      (await scripts()).some((name) => name.includes("todos-page"));
    expect(await isFetched()).toBe(false);
    await page.getByRole("link", { name: "To-dos" }).hover();
    await expect.poll(isFetched).toBe(true);
  });

  demoTest(
    "a page whose code does not come says so, and is there after a reload",
    async ({ open }) => {
      const window = await open();
      const { page } = window;
      const isCode = /slipway-page.*\.js$/;
      await page.route(isCode, (route) => route.abort());
      await page.getByRole("link", { name: "Slipway" }).click();
      await page.getByRole("alert").getByText("Slipway did not come up").waitFor();
      await page.unroute(isCode);
      await page.getByRole("button", { name: "Load again" }).click();
      await page.getByLabel("What is to be done").waitFor();
      // That the code did not come stands on the console, and nothing else does.
      expect(window.problems.splice(0).filter((one) => !one.includes("slipway-page"))).toEqual([]);
    },
  );

  demoTest(
    "the keyboard reaches everything: past the navigation, and through it",
    async ({ open }) => {
      const { page } = await open({ path: "/todos" });
      await page.getByLabel("New to-do").waitFor();
      const focused = (): Promise<string> =>
        page.evaluate(() => document.activeElement?.textContent?.trim() ?? "");
      await page.keyboard.press("Tab");
      expect(await focused()).toBe("Skip to the page");
      await page.keyboard.press("Enter");
      await page.keyboard.press("Tab");
      expect(await focused()).toContain("Ada");
      await page.getByRole("link", { name: "Notes" }).press("Enter");
      await page.getByLabel("Draft", { exact: true }).waitFor();
    },
  );
});
