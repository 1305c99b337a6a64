/**
 * `npm run screenshots`: the pictures of the README, taken of the running demo in Chromium. The
 * test that takes them takes more, into `e2e/output`, for whoever changes how the demo looks.
 */
import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { requireChromium } from "./find-chromium.ts";
import { ROOT } from "./run.ts";
import { runVitest } from "./vitest-run.ts";

/** What the README calls them, and the test. */
const PICTURES = {
  "demo-harbour": "light",
  "demo-chat": "writing",
  "demo-slipway": "slipway-dark",
  "demo-notes": "notes-dark",
  "demo-todos": "todos",
} as const;

requireChromium();
const { failed } = await runVitest(["--project", "e2e", "e2e/screenshots.test.ts"]);
if (failed > 0) {
  process.exitCode = 1;
} else {
  const folder = join(ROOT, "docs/images");
  await mkdir(folder, { recursive: true });
  for (const [name, taken] of Object.entries(PICTURES)) {
    await copyFile(join(ROOT, `e2e/output/${taken}.png`), join(folder, `${name}.png`));
  }
  console.log(`${Object.keys(PICTURES).length} pictures in docs/images`);
}
