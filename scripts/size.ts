/**
 * `npm run size`: what the built client weighs in a page, minified and compressed, frameworks excluded.
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

const FRAMEWORKS = ["react", "react/jsx-runtime", "preact", "preact/hooks"];
const budgets = [
  {
    what: "createCoreHooks: without optimism",
    code: `export { createCoreHooks } from "./dist/react.js";`,
    limit: 18.3,
    target: 9,
  },
  {
    what: "createCoreHooks({ optimism })",
    code: `import { createCoreHooks } from "./dist/react.js";
      import { optimism } from "./dist/index.js";
      export const hooks = createCoreHooks({ optimism });`,
    limit: 26.6,
    target: 18,
  },
  {
    what: "createHooks: all in, persistence as well",
    code: `export { createHooks } from "./dist/react.js";`,
    limit: 33.3,
    target: 18,
  },
  {
    what: "createHooks of Preact: all in",
    code: `export { createHooks } from "./dist/preact.js";`,
    limit: 33.5,
    target: 18,
  },
];

for (const { what, code, limit, target } of budgets) {
  const { minified, gzip } = await bundleSize({
    code,
    folder: client,
    external: FRAMEWORKS,
  });
  const fits = gzip <= limit * KILOBYTE;
  const size = (gzip / KILOBYTE).toFixed(2);
  console.log(
    `${fits ? "ok    " : "FAILED"}  ${what.padEnd(42)} ${size} kB of ${limit} kB, target ${target} kB (${(minified / KILOBYTE).toFixed(1)} kB before gzip)`,
  );
  if (!fits) process.exitCode = 1;
}
