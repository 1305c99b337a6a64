/**
 * `npm run size`: what the built client weighs in a page, minified and compressed, React excluded,
 * against the budgets of DESIGN 9. Measures build/; run `npm run build` first.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { bundleSize } from "./bundle-size.ts";
import { ROOT } from "./run.ts";

const KILOBYTE = 1000;
const client = join(ROOT, "build/client");
if (!existsSync(client)) throw new Error("There is no build/client. Run `npm run build` first.");

const REACT = ["react", "react/jsx-runtime"];
const budgets = [
  { what: "createCoreHooks: without optimism", entry: "createCoreHooks", kilobytes: 9 },
  { what: "createHooks: all in", entry: "createHooks", kilobytes: 18 },
];

for (const { what, entry, kilobytes } of budgets) {
  const { minified, gzip } = await bundleSize({
    code: `export { ${entry} } from "./dist/react.js";`,
    folder: client,
    external: REACT,
  });
  const fits = gzip <= kilobytes * KILOBYTE;
  console.log(
    `${fits ? "ok    " : "FAILED"}  ${what.padEnd(36)} ${(gzip / KILOBYTE).toFixed(2)} kB of ${kilobytes} kB (${(minified / KILOBYTE).toFixed(1)} kB before gzip)`,
  );
  if (!fits) process.exitCode = 1;
}
