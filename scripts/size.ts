/**
 * `npm run size`: what the built client weighs in a page, minified and compressed, React excluded.
 * Measures build/; run `npm run build` first. The targets are those of DESIGN 9. Where one is not
 * reached, the limit is what was achieved and a little more, so that nothing grows unseen.
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
  { what: "createCoreHooks: without optimism", entry: "createCoreHooks", limit: 14.6, target: 9 },
  { what: "createHooks: all in", entry: "createHooks", limit: 19.5, target: 18 },
];

for (const { what, entry, limit, target } of budgets) {
  const { minified, gzip } = await bundleSize({
    code: `export { ${entry} } from "./dist/react.js";`,
    folder: client,
    external: REACT,
  });
  const fits = gzip <= limit * KILOBYTE;
  const size = (gzip / KILOBYTE).toFixed(2);
  console.log(
    `${fits ? "ok    " : "FAILED"}  ${what.padEnd(36)} ${size} kB of ${limit} kB, target ${target} kB (${(minified / KILOBYTE).toFixed(1)} kB before gzip)`,
  );
  if (!fits) process.exitCode = 1;
}
