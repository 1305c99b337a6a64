import { expect } from "vitest";
import { demoTest } from "./support/demo-test.ts";
import { DemoWindow } from "./support/demo-window.ts";
import { StallingProxy } from "./support/stalling-proxy.ts";

const NOTICED_WITHIN_MS = 15_000;

demoTest(
  "[G13] [G2] a link that is half-open is noticed within 15 s, and what was done meanwhile arrives once",
  async ({ server, browser, open }) => {
    await using proxy = await StallingProxy.to(server.url);
    const stranger = await open();
    const window = await DemoWindow.open(browser, proxy.url, {});
    window.toleratesOutage = true;
    const before = await window.count();
    await window.press(1);
    await window.isSettled();
    const noticed = window.page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          const begin = performance.now();
          const status = document.querySelector(".status");
          new MutationObserver(() => resolve(performance.now() - begin)).observe(status as Node, {
            attributeFilter: ["data-status"],
          });
        }),
    );
    proxy.stall();
    await window.press(4);
    expect(await noticed).toBeLessThan(NOTICED_WITHIN_MS);
    await window.isLive();
    await window.isSettled();
    await Promise.all([window, stranger].map((one) => one.counts(before + 5)));
    expect(window.problems).toEqual([]);
    await window.context.close();
  },
);
