import { type Browser, chromium } from "playwright-core";
import { expect, test } from "vitest";
import { CHROMIUM_FLAGS, requireChromium } from "../../scripts/find-chromium.ts";
import { DemoServer } from "./demo-server.ts";
import { DemoWindow, type WindowOptions } from "./demo-window.ts";

/** What an end-to-end test is given. */
interface Fixtures {
  /** The built demo, running; each file has one of its own, on fresh state. */
  readonly server: DemoServer;
  readonly browser: Browser;
  /** Opens a window of another person. When the test ends, no window may have had a problem. */
  readonly open: (options?: WindowOptions) => Promise<DemoWindow>;
}

export const demoTest = test
  .extend<Pick<Fixtures, "server" | "browser">>({
    server: [
      // Vitest wants the empty pattern: it reads from it that nothing else is needed.
      // oxlint-disable-next-line no-empty-pattern
      async ({}, use) => {
        await using server = await DemoServer.start("preview");
        await use(server);
      },
      { scope: "file" },
    ],
    browser: [
      // oxlint-disable-next-line no-empty-pattern
      async ({}, use) => {
        const browser = await chromium.launch({
          executablePath: requireChromium(),
          args: [...CHROMIUM_FLAGS],
        });
        await use(browser);
        await browser.close();
      },
      { scope: "file" },
    ],
  })
  .extend<Pick<Fixtures, "open">>({
    open: async ({ server, browser }, use) => {
      const windows: DemoWindow[] = [];
      await use(async (options = {}) => {
        const window = await DemoWindow.open(browser, server.url, options);
        windows.push(window);
        return window;
      });
      const problems = windows.flatMap((window) => window.problems);
      await Promise.all(windows.map((window) => window.context.close()));
      expect(problems).toEqual([]);
    },
  });
