/**
 * `node scripts/size-map.ts [core | optimism | all]`: which file of the built client costs what in a
 * page, in bytes of gzip: what the bundle would be smaller without it. What two files have in common
 * counts for neither, so the sum is less than the whole. White space is what tells the files apart, so
 * it is measured with it, and set in proportion. Measures build/; run `npm run build` first.
 */
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { bundleSize } from "./bundle-size.ts";
import { ROOT } from "./run.ts";

const REACT = `import { createCoreHooks, createHooks } from "./dist/react.js";`;
const CODE = new Map([
  ["core", `${REACT} export { createCoreHooks };`],
  [
    "optimism",
    `${REACT} import { optimism } from "./dist/index.js"; export const hooks = createCoreHooks({ optimism });`,
  ],
  ["all", `${REACT} export { createHooks };`],
]);

const [what = "core"] = process.argv.slice(2);
const code = CODE.get(what);
if (!code) throw new Error(`There is no ${what}. Say one of ${[...CODE.keys()].join(", ")}.`);

const folder = join(ROOT, "build/client");
const external = ["react", "react/jsx-runtime"];
const { gzip } = await bundleSize({ code, folder, external });
const { outputFiles } = await build({
  stdin: { contents: code, resolveDir: folder },
  external,
  bundle: true,
  minifyIdentifiers: true,
  minifySyntax: true,
  write: false,
  format: "esm",
  target: "es2022",
  platform: "browser",
  define: { "process.env.NODE_ENV": '"production"' },
  legalComments: "none",
});
// With them a file would weigh what its comments do, and no page downloads those.
const text = (outputFiles[0]?.text ?? "").replaceAll(/^ *\/\*\*.*?\*\/$/gms, "");
const parts = text.split(/^(?=\/\/ .+\.m?js$)/m);
const whole = compressed(parts);
const scale = gzip / whole;
const costs = parts
  .map((part, index) => ({
    file: (/^\/\/ (.+)$/m.exec(part)?.[1] ?? "the entry").replace(
      /^.*(client\/dist|node_modules)\//,
      "",
    ),
    bytes: Math.round((whole - compressed(parts.toSpliced(index, 1))) * scale),
  }))
  .sort((one, other) => other.bytes - one.bytes);
for (const { file, bytes } of costs) console.log(`${String(bytes).padStart(6)}  ${file}`);

function compressed(texts: readonly string[]): number {
  return gzipSync(texts.join(""), { level: 9 }).byteLength;
}
