/**
 * `npm test`: every test, in node, workerd, jsdom and Chromium, then the end-to-end tests.
 * Words behind `--` choose files by their path, as in `npm test -- packages/protocol`.
 */
import { requireChromium } from "./find-chromium.ts";
import { runVitest } from "./vitest-run.ts";

console.log(`Chromium: ${requireChromium()}`);
const { passed, failed } = await runVitest(process.argv.slice(2));
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
