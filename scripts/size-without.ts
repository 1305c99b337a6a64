/**
 * `node scripts/size-without.ts`: what a page without optimism would save, in bytes of gzip, if the
 * client did not do this or that: the files that do it are left empty. Such a client does not run; what
 * it would weigh is an upper bound for what can be saved there. Measures build/; run `npm run build` first.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "esbuild";
import { bundleSize } from "./bundle-size.ts";
import { ROOT } from "./run.ts";

const PARTS: readonly (readonly [what: string, files: RegExp])[] = [
  ["partysocket", /partysocket\/dist\/ws\.js$/],
  ["applying patches", /protocol\/patches\/(apply-patch|apply-patches|copy-container)\.js$/],
  ["the codec", /protocol\/codec\/(to-json|from-json|walk|base64|encode-value)\.js$/],
  ["reading messages strictly", /protocol\/(schema\/.+|messages\/(server-message|fields))\.js$/],
  ["chunks", /messages\/frame-assembler\.js$/],
  ["sessions", /transport\/session\.js$/],
  ["back-off and heartbeat", /transport\/(back-off|heartbeat)\.js$/],
  ["keeping the identity of nodes over a resync", /store\/share-structure\.js$/],
  ["suspense and hydration", /(suspensions|initial-snapshot)\.js$/],
  ["hooks", /hooks\/(use-module|selection|suspensions)\.js$/],
  ["the store", /store\/(module-store|outbox|read-frame|action-promise|action-text|pass)\.js$/],
];

const folder = join(ROOT, "build/client");
const code = `export { createCoreHooks } from "./dist/react.js";`;
const external = ["react"];
const { gzip: whole } = await bundleSize({ code, folder, external });
console.log(`${String(whole).padStart(6)}  as it is`);
for (const [what, files] of PARTS) {
  const { gzip } = await bundleSize({ code, folder, external, plugins: [leaveEmpty(files)] });
  console.log(`${String(gzip - whole).padStart(6)}  ${what}`);
}

/** What they export is still there, and is nothing. */
function leaveEmpty(files: RegExp): Plugin {
  return {
    name: "leave-empty",
    setup: (build) => {
      build.onLoad({ filter: files }, ({ path }) => {
        const text = readFileSync(path, "utf8");
        const named = text.matchAll(
          /^export (?:async )?(?:class|function\*?|const|let) ([\w$]+)/gm,
        );
        const names = Array.from(named, ([, name]) => `export let ${name} = globalThis;`);
        return { contents: [...names, "export default globalThis;"].join("\n") };
      });
    },
  };
}
