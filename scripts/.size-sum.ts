import { bundleSize } from "/tmp/wt-size/scripts/bundle-size.ts";
const folder = "/tmp/wt-size";
for (const [n, code] of [
  ["core", `export { createCoreHooks } from "./packages/client/src/react.ts"`],
  [
    "optimism",
    `import { createCoreHooks } from "./packages/client/src/react.ts"; import { optimism } from "./packages/client/src/index.ts"; export const hooks = createCoreHooks({ optimism });`,
  ],
  ["all", `export { createHooks } from "./packages/client/src/react.ts"`],
] as const) {
  const s = await bundleSize({
    code,
    folder,
    external: ["react", "react/jsx-runtime"],
    conditions: ["holdfast-source", "module"],
  });
  console.log(n, s.gzip, "by need", s.byNeed);
}
