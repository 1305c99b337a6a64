import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect } from "vitest";
import { demoTest } from "./support/demo-test.ts";

const KILLS = 3;

describe("when things break", () => {
  demoTest(
    "[G1] [G2] the server is killed while both press: nothing is lost or doubled",
    async ({ open, server }) => {
      const windows = await Promise.all([open(), open()]);
      const before = await windows[0].count();
      for (const window of windows) window.toleratesOutage = true;
      let pressed = 0;
      const press = async (times: number): Promise<void> => {
        pressed += times * windows.length;
        await Promise.all(windows.map((window) => window.pressAtOnce(times)));
      };

      for (let kill = 0; kill < KILLS; kill++) {
        await press(20);
        // In between, so that some were acknowledged and some were not.
        await sleep(kill * 7);
        await press(20);
        await server.kill();
        await press(10);
        for (const window of windows) {
          await window.page.locator('.status[data-status="reconnecting"]').waitFor();
        }
        await server.start();
        await press(5);
        await Promise.all(windows.map((window) => window.isSettled()));
      }

      for (const window of windows) await window.isLive();
      await Promise.all(windows.map((window) => window.counts(before + pressed)));
      // Not from memory: a stranger who comes after the last kill sees the same.
      await server.kill();
      await server.start();
      await (await open()).counts(before + pressed);
    },
  );

  demoTest(
    "[G1] [G3] the server is killed in the middle of a talk, and the talk goes on",
    async ({ open, server }) => {
      const [ann, bo] = await Promise.all([open({ room: "talk" }), open({ room: "talk" })]);
      ann.toleratesOutage = bo.toleratesOutage = true;
      await ann.say("before");
      await bo.reads(["before"]);
      await server.kill();
      await ann.say("into the silence");
      await ann.say("and once more");
      expect(await ann.texts()).toEqual(["before", "into the silence", "and once more"]);
      expect(await ann.page.locator('.message[data-pending="true"]').count()).toBe(2);
      await server.start();
      const all = ["before", "into the silence", "and once more"];
      await Promise.all([ann.reads(all), bo.reads(all)]);
      await ann.isSettled();
      await bo.say("welcome back");
      await ann.reads([...all, "welcome back"]);
    },
  );

  demoTest("[G2] what is done offline arrives once, when the network is back", async ({ open }) => {
    const [ann, bo] = await Promise.all([open({ room: "offline" }), open({ room: "offline" })]);
    const before = await ann.count();
    ann.toleratesOutage = true;
    await ann.context.setOffline(true);
    await ann.page.locator('.status[data-status="offline"]').waitFor();
    await ann.press(7);
    await ann.say("written at sea");
    expect(await ann.count()).toBe(before + 7);
    expect(await ann.pending()).toBe(8);
    await ann.page.getByText("1 of yours waits").waitFor();
    // The others go on meanwhile.
    await bo.press(3);
    await bo.say("written ashore");
    await bo.counts(before + 3);

    await ann.context.setOffline(false);
    await ann.isLive();
    await Promise.all([ann.isSettled(), bo.isSettled()]);
    await Promise.all([ann.counts(before + 10), bo.counts(before + 10)]);
    const texts = ["written ashore", "written at sea"];
    await Promise.all([ann.reads(texts), bo.reads(texts)]);
  });
});
