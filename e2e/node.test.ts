import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CHROMIUM_FLAGS, requireChromium } from "../scripts/find-chromium.ts";
import { DemoServer } from "./support/demo-server.ts";
import { DemoWindow } from "./support/demo-window.ts";

describe("the demo on Node", () => {
  let server: DemoServer;
  let browser: Browser;
  beforeAll(async () => {
    server = await DemoServer.start("node");
    const executablePath = requireChromium();
    browser = await chromium.launch({ executablePath, args: [...CHROMIUM_FLAGS] });
  });
  afterAll(async () => {
    await browser.close();
    await server[Symbol.asyncDispose]();
  });

  test("[G1] [G2] the server is killed while two windows press and talk: nothing is lost or doubled", async () => {
    const open = (): Promise<DemoWindow> => DemoWindow.open(browser, server.url, {});
    const windows = [await open(), await open()] as const;
    const [ann, bo] = windows;
    for (const window of windows) window.toleratesOutage = true;
    let pressed = 0;
    const press = async (times: number): Promise<void> => {
      pressed += times * windows.length;
      await Promise.all(windows.map((window) => window.pressAtOnce(times)));
    };
    await ann.say("before");
    await bo.reads(["before"]);
    for (let kill = 0; kill < 2; kill++) {
      await press(20);
      await server.kill();
      await press(10);
      await ann.say(`said into the silence, ${kill}`);
      await server.start();
      await press(5);
      await Promise.all(windows.map((window) => window.isSettled()));
    }
    await Promise.all(windows.map((window) => window.counts(pressed)));
    const texts = ["before", "said into the silence, 0", "said into the silence, 1"];
    await Promise.all(windows.map((window) => window.reads(texts)));
    await Promise.all([ann.hasSent(3), bo.hasSent(0)]);

    // Not from memory: a stranger who comes after the last kill sees the same.
    await server.kill();
    await server.start();
    const stranger = await open();
    await stranger.counts(pressed);
    await stranger.reads(texts);
    await Promise.all([ann.hasSent(3), stranger.hasSent(0)]);
    expect(windows.flatMap(({ problems }) => problems)).toEqual([]);
    expect(stranger.problems).toEqual([]);
    await Promise.all([...windows, stranger].map(({ context }) => context.close()));
  });
});
