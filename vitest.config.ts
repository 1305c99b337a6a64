import { cloudflareTest } from "@cloudflare/vitest-plugin";
import react from "@vitejs/plugin-react";
import { playwright } from "@vitest/browser-playwright";
import { defaultClientConditions, defaultServerConditions } from "vite";
import { defineConfig } from "vitest/config";
import { holdfast, holdfastConfigFile } from "./packages/server/src/vite/index.ts";
import { plantInVite } from "./prove/plant-in-vite.ts";
import { CHROMIUM_FLAGS, findChromium } from "./scripts/find-chromium.ts";

/**
 * The name of a test file tells where it runs:
 *
 *   x.test.ts           node
 *   x.workerd.test.ts   workerd, beside the worker of packages/testing
 *   x.jsdom.test.tsx    jsdom
 *   x.hooks.test.tsx    jsdom, with React and once more with Preact
 *   x.browser.test.tsx  Chromium
 *   e2e/x.test.ts       node, driving Chromium against a running demo; after all others
 */
const WORKERD = "**/*.workerd.test.ts";
const JSDOM = "**/*.jsdom.test.{ts,tsx}";
const HOOKS = "**/*.hooks.test.tsx";
const BROWSER = "**/*.browser.test.{ts,tsx}";
const EVERYWHERE = "{packages,demo,scripts,prove,bench,docs}";
const IGNORED = ["**/node_modules/**", "**/dist/**", "**/.wrangler/**"];

/** Machines are busy; a test that hangs is found all the same. */
const PATIENCE_MS = 30_000;

/** `npm run prove -- hibernate` runs many more. */
const HIBERNATION = {
  scripts: Number(process.env["HOLDFAST_SCRIPTS"] ?? 20),
  seed: Number(process.env["HOLDFAST_SEED"] ?? 1),
};

// Sources find each other by the export condition, in Node as in the browser.
const resolve = { conditions: ["holdfast-source", ...defaultClientConditions] };
const ssr = { resolve: { conditions: ["holdfast-source", ...defaultServerConditions] } };
/** What tests of hooks take from a framework is Preact's. */
const PREACT_FIXTURES = {
  find: /^\.\/(framework|suspense)\.fixture\.ts$/,
  replacement: "./$1.preact.fixture.ts",
};
const oneReact = { dedupe: ["react", "react-dom"] };

export default defineConfig({
  test: {
    projects: [
      {
        resolve,
        ssr,
        plugins: [...plantInVite(), holdfast()],
        test: {
          name: "node",
          testTimeout: PATIENCE_MS,
          include: [`${EVERYWHERE}/**/*.test.ts`],
          exclude: [...IGNORED, WORKERD, JSDOM, BROWSER],
        },
      },
      {
        resolve,
        ssr,
        plugins: [
          holdfast(),
          // What the worker exports of Holdfast's stands in no configuration.
          cloudflareTest({
            wrangler: { configPath: holdfastConfigFile("packages/testing/wrangler.jsonc") },
          }),
        ],
        test: {
          name: "workerd",
          testTimeout: PATIENCE_MS,
          include: [`packages/${WORKERD}`],
          exclude: IGNORED,
          provide: { hibernation: HIBERNATION },
          // One runtime for all files: to start it takes longer than most of them.
          isolate: false,
          fsModuleCache: false,
        },
      },
      {
        resolve: { ...resolve, ...oneReact },
        ssr,
        plugins: [...plantInVite(), react()],
        test: {
          name: "jsdom",
          testTimeout: PATIENCE_MS,
          environment: "jsdom",
          include: [`{packages,demo,docs}/${JSDOM}`, `packages/${HOOKS}`],
          exclude: IGNORED,
        },
      },
      {
        resolve: { ...resolve, alias: [PREACT_FIXTURES] },
        ssr,
        oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
        test: {
          name: "preact",
          testTimeout: PATIENCE_MS,
          environment: "jsdom",
          include: [`packages/${HOOKS}`],
          exclude: IGNORED,
        },
      },
      {
        resolve: { ...resolve, ...oneReact },
        plugins: [...plantInVite(), react()],
        test: {
          name: "chromium",
          testTimeout: PATIENCE_MS,
          include: [`{packages,demo}/${BROWSER}`],
          exclude: IGNORED,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: {
                args: [...CHROMIUM_FLAGS],
                executablePath: findChromium() ?? "chromium-not-found",
              },
            }),
            instances: [{ browser: "chromium" }],
          },
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: "e2e",
          include: ["e2e/**/*.test.ts"],
          globalSetup: ["./e2e/support/build-demo.ts"],
          exclude: IGNORED,
          // One server and one browser: the files take turns, when everything else is done.
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          testTimeout: 240_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
