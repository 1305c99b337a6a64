import { fileURLToPath } from "node:url";
import { bundleSize } from "../scripts/bundle-size.ts";
import { atMost, type BenchOptions, type Figure } from "./figure.ts";

const ENTRIES = [
  { name: "client without optimism, gzip", entry: "createCoreHooks", limit: 9_000 },
  { name: "client with everything, gzip", entry: "createHooks", limit: 18_000 },
];

/** What a page downloads for Holdfast: minified, gzip, React apart. */
export async function size(options: BenchOptions): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const { name, entry, limit } of ENTRIES) {
    const { gzip } = await bundleSize({
      code: `export { ${entry} } from "@holdfast/client/react";`,
      folder: fileURLToPath(new URL("..", import.meta.url)),
      external: ["react", "react/jsx-runtime"],
      conditions: ["holdfast-source", "module"],
    });
    figures.push(atMost(limit, { name, ours: gzip, unit: "bytes" }));
  }
  options.progress("client: bundled");
  return figures;
}
