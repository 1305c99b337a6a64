import { describe, expect } from "vitest";
import { demoTest } from "./support/demo-test.ts";

describe("the tide, in two windows", () => {
  demoTest("a press in one is seen in both", async ({ open }) => {
    const [one, other] = await Promise.all([open(), open()]);
    const before = await one.count();
    await one.press(3);
    await other.press(2);
    await Promise.all([one.counts(before + 5), other.counts(before + 5)]);
    expect(await other.shownDigits()).toBe(String(before + 5));
  });

  demoTest(
    "[G2] [G7] hundreds of presses in both at once come to the exact total",
    async ({ open }) => {
      const [one, other] = await Promise.all([open(), open()]);
      const before = await one.count();
      await Promise.all([
        one.pressAtOnce(300),
        other.pressAtOnce(300),
        one.press(10),
        other.press(10),
      ]);
      await Promise.all([one.isSettled(), other.isSettled()]);
      await Promise.all([one.counts(before + 620), other.counts(before + 620)]);
    },
  );

  demoTest(
    "[G8] a press shows before the server has answered, and an ack changes nothing",
    async ({ open }) => {
      const window = await open();
      const before = await window.count();
      const shown = await window.page.locator(".tide__press").evaluate(async (button) => {
        (button as HTMLElement).click();
        // React renders a click's update before the click returns to the event loop.
        await Promise.resolve();
        const count = document.querySelector("#tide-count")?.textContent ?? "";
        const pending = document.querySelector(".tide__pending")?.getAttribute("data-pending");
        return { count, pending };
      });
      expect(shown.count).toContain(`The count is ${before + 1}.`);
      expect(shown.pending).toBe("1");
      await window.isSettled();
      expect(await window.count()).toBe(before + 1);
    },
  );

  demoTest("[G1] a reload shows the count again, and a new window does", async ({ open }) => {
    const window = await open();
    await window.press(4);
    await window.isSettled();
    const count = await window.count();
    await window.page.reload();
    await window.isLive();
    expect(await window.count()).toBe(count);
    expect(await (await open()).count()).toBe(count);
  });

  demoTest("the keyboard raises it, too", async ({ open }) => {
    const window = await open();
    const before = await window.count();
    await window.page.locator(".tide__press").focus();
    await window.page.keyboard.press("Enter");
    await window.page.keyboard.press("Space");
    await window.counts(before + 2);
    await window.page.getByRole("button", { name: "+10" }).press("Enter");
    await window.counts(before + 12);
  });
});
