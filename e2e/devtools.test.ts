import { describe, expect } from "vitest";
import { demoTest } from "./support/demo-test.ts";

describe("the devtools of the demo", () => {
  demoTest("come when they are asked for, show what is said, pull the plug", async ({ open }) => {
    const { page } = await open();
    await page.locator(".tide__press:enabled").waitFor();
    expect(await page.locator("holdfast-devtools").count()).toBe(0);
    await page.getByRole("button", { name: "Look inside" }).click();

    const panel = page.locator("holdfast-devtools");
    await panel.getByRole("option", { name: /counter.*v\d/ }).click();
    await panel.getByRole("treeitem", { name: /count/ }).waitFor();
    await panel.getByRole("tab", { name: "Timeline" }).click();
    await page.locator(".tide__press").click();
    await panel
      .getByText(/^increment\(/)
      .first()
      .waitFor();
    await panel
      .getByText(/\d+ · state\./)
      .first()
      .waitFor();

    await panel.getByRole("switch", { name: "Offline" }).click();
    await panel.locator(".facts").getByText("offline").waitFor();
    await page.locator(".tide__press").click();
    await panel.getByRole("tab", { name: "Pending 1" }).waitFor();
    await panel.getByRole("switch", { name: "Offline" }).click();
    await panel.getByRole("tab", { name: "Pending", exact: true }).waitFor();
    await panel.locator(".facts").getByText("live").waitFor();

    await panel.getByRole("button", { name: "Close" }).click();
    await page.getByRole("button", { name: "Put the devtools away" }).click();
    await expect.poll(() => page.locator("holdfast-devtools").count()).toBe(0);
  });
});
