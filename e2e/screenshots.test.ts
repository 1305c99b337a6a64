import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { describe, expect } from "vitest";
import { demoTest } from "./support/demo-test.ts";
import type { DemoWindow } from "./support/demo-window.ts";

const OUTPUT = resolve(import.meta.dirname, "output");

const TALK: readonly (readonly [who: "ann" | "bo", text: string])[] = [
  ["ann", "The ferry is late again."],
  ["bo", "Who has the big lantern?"],
  ["bo", "The small one has gone out."],
  [
    "ann",
    "I left it by the ropes, under the green tarp. Mind the boards: they are slippery in the morning, and nobody has mended the rail yet.",
  ],
  ["bo", "Got it. Thanks!"],
  ["ann", "Then I'll see you\nat high water."],
];

describe("the page as people see it", () => {
  demoTest("light, dark, narrow, offline, empty and busy", async ({ open }) => {
    const ann = await open({ name: "Ann", room: "harbour" });
    const bo = await open({ name: "Salty Otter", room: "harbour", colorScheme: "dark" });
    await ann.pressAtOnce(57);
    for (const [who, text] of TALK) {
      await (who === "ann" ? ann : bo).say(text);
      await ann.page.getByText(text, { exact: true }).waitFor();
    }
    await Promise.all([ann.isSettled(), bo.isSettled()]);
    await shoot(ann, "light");
    await shoot(bo, "dark");

    await bo.page.locator(".tide__press").click({ position: { x: 150, y: 320 } });
    await ann.page.locator(".ripples__drop[data-own='false']").waitFor({ state: "attached" });
    await shoot(ann, "pressed-elsewhere", 60);

    const narrow = await open({ width: 390, height: 844 });
    await shoot(narrow, "narrow");
    await narrow.page.locator(".composer").scrollIntoViewIfNeeded();
    await shoot(narrow, "narrow-chat");

    const empty = await open({ name: "Ann", room: "reef" });
    await shoot(empty, "empty");
    await empty.page.getByRole("button", { name: "new room" }).click();
    await empty.page.keyboard.type("kelp forest");
    await shoot(empty, "new-room");

    ann.toleratesOutage = true;
    await ann.context.setOffline(true);
    await ann.page.locator('.status[data-status="offline"]').waitFor();
    await ann.press(3);
    await ann.say("Is this thing on?");
    await shoot(ann, "offline");
    await ann.context.setOffline(false);
    await ann.isSettled();
  });

  demoTest("nothing sticks out sideways, at any width", async ({ open }) => {
    for (const width of [320, 390, 768, 900, 1280, 1920]) {
      const window = await open({ width });
      const overflow = await window.page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect({ width, overflow }).toEqual({ width, overflow: 0 });
    }
  });
});

/** Still pictures wait for what moves; a moment can be caught instead. */
async function shoot(window: DemoWindow, name: string, after: number = 900): Promise<void> {
  await mkdir(OUTPUT, { recursive: true });
  await window.page.waitForTimeout(after);
  await window.page.screenshot({ path: join(OUTPUT, `${name}.png`) });
}
