import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { describe, expect } from "vitest";
import { demoTest } from "./support/demo-test.ts";
import type { DemoWindow } from "./support/demo-window.ts";
import { Todos } from "./support/todos.ts";

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

const DRAFT = `Three bottles, one of them with a letter in it. Nobody writes so small any more.

The rope is ours. The lantern is not, and it was still warm.

Ask at the harbour who was out last night.`;

const TODOS = [
  "Buy forty fathoms of rope",
  "Feed the cat",
  "Mend the lee cloths",
  "Swing the compass",
];

const BOATS = [
  "Caulk the hull",
  "Order rope",
  "Step the mast",
  "Bend on the sails",
  "Scrape the keel",
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

    await bo.theme("dusk").check({ force: true });
    await bo.enter("reef");
    await ann.say("Low water is at nine.");
    await bo.hasUnread("harbour", 1);
    await shoot(bo, "unread");
    await bo.enter("harbour");
    await ann.page.getByLabel("Message to harbour").pressSequentially("And");
    await bo.page.getByText("Ann is writing").waitFor();
    await shoot(bo, "writing", 400);
    await ann.page.getByLabel("Message to harbour").fill("");

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

  demoTest("every other page, by day, by night and narrow", async ({ open }) => {
    const ann = await open({ path: "/notes" });
    const bo = await open({ path: "/notes", colorScheme: "dark" });
    for (const { page } of [ann, bo]) {
      await page.getByLabel("Title").fill("What the tide left");
      await page.getByLabel("Draft", { exact: true }).fill(DRAFT);
    }
    await shoot(ann, "notes", 400);
    await shoot(bo, "notes-dark", 400);
    await ann.page.getByRole("button", { name: "Settings" }).click();
    await shoot(ann, "settings", 400);
    await ann.page.keyboard.press("Escape");

    for (const { page } of [ann, bo]) await page.getByRole("link", { name: "To-dos" }).click();
    await shoot(bo, "todos-empty-dark", 400);
    const todos = new Todos(ann.page);
    await todos.signIn("Ada");
    await todos.add(...TODOS);
    await ann.page.getByLabel(TODOS[1] ?? "", { exact: true }).check();
    await ann.page.getByLabel("New to-do").fill("Ask Bo about the");
    await shoot(ann, "todos", 400);

    for (const { page } of [ann, bo]) await page.getByRole("link", { name: "Slipway" }).click();
    for (const [at, name] of BOATS.entries()) {
      await ann.page.getByLabel("What is to be done").fill(name);
      await ann.page.getByRole("button", { name: "Lay down" }).click();
      if (at > 1) await ann.page.getByLabel(`${name}: on, afloat`).click();
      if (at > 3) await ann.page.getByLabel(`${name}: on, home`).click();
    }
    await bo.page.getByText(BOATS.at(-1) ?? "", { exact: true }).waitFor();
    await shoot(ann, "slipway", 400);
    await shoot(bo, "slipway-dark", 400);

    for (const { page } of [ann, bo]) await page.getByRole("link", { name: "Pilot" }).click();
    await ann.page.getByLabel("A question for the pilot").fill("Which way?");
    await ann.page.getByRole("button", { name: "Ask", exact: true }).click();
    await bo.page.getByText("Then, look for the perch").waitFor();
    await shoot(bo, "pilot-dark", 400);
    await bo.page.getByRole("button", { name: "Stop" }).click();
    await ann.page.locator('.pilot[data-status="error"]').waitFor();
    await shoot(ann, "pilot-stopped", 400);

    for (const path of ["/slipway", "/notes", "/todos", "/pilot", "/nowhere"]) {
      const narrow = await open({ path, width: 390, height: 844 });
      await shoot(narrow, `narrow-${path.slice(1)}`, 400);
    }
  });

  demoTest("nothing sticks out sideways, at any width, on any page", async ({ open }) => {
    const { page } = await open();
    const links = page.getByRole("navigation", { name: "Pages" }).getByRole("link");
    for (let at = 0; at < (await links.count()); at++) {
      await links.nth(at).click();
      await page.locator('main h2, main [role="heading"]').first().waitFor({ state: "attached" });
      for (const width of [320, 390, 768, 900, 1280, 1920]) {
        await page.setViewportSize({ width, height: 860 });
        const overflow = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        expect({ page: page.url(), width, overflow }).toMatchObject({ width, overflow: 0 });
      }
    }
  });
});

/** Still pictures wait for what moves, the tide longest; a moment can be caught instead. */
async function shoot(window: DemoWindow, name: string, after: number = 900): Promise<void> {
  await mkdir(OUTPUT, { recursive: true });
  await window.page.waitForTimeout(after);
  await window.page.screenshot({ path: join(OUTPUT, `${name}.png`) });
}
