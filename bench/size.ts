import { gzipSync } from "node:zlib";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { atMost, type BenchOptions, type Figure } from "./figure.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** What a page downloads for Holdfast: minified, gzip, React apart. */
export async function size(options: BenchOptions): Promise<Figure[]> {
  const all = await bundled('export { createHooks } from "@holdfast/client/react";', ["react"]);
  // immer is there for recipes alone: it is what optimism costs.
  const plain = await bundled('export { createHooks } from "@holdfast/client/react";', [
    "react",
    "immer",
  ]);
  options.progress("client: bundled");
  return [
    atMost(18_000, { name: "client with everything, gzip", ours: all, unit: "bytes" }),
    atMost(9_000, { name: "client without immer, gzip", ours: plain, unit: "bytes" }),
  ];
}

async function bundled(contents: string, external: string[]): Promise<number> {
  const result = await build({
    stdin: { contents, resolveDir: ROOT, loader: "ts" },
    bundle: true,
    write: false,
    minify: true,
    format: "esm",
    target: "es2022",
    conditions: ["holdfast-source", "browser", "module"],
    define: { "process.env.NODE_ENV": '"production"' },
    external,
    logLevel: "silent",
  });
  const output = result.outputFiles[0];
  if (output === undefined) throw new Error("esbuild made no output of the client");
  return gzipSync(output.contents, { level: 9 }).length;
}
