import { gzipSync } from "node:zlib";
import { build, type Plugin } from "esbuild";

/** What a browser downloads for a piece of code. */
export interface BundleSize {
  readonly minified: number;
  readonly gzip: number;
}

/** Bundles code as an application would, minified, and measures it in bytes. */
export async function bundleSize(options: {
  /** The code whose imports are bundled. */
  readonly code: string;
  /** The folder that its imports are resolved from. */
  readonly folder: string;
  /** Packages that are not counted, because the page has them anyway. */
  readonly external: readonly string[];
  /** Export conditions beside a browser's own. */
  readonly conditions?: readonly string[];
  readonly plugins?: readonly Plugin[];
}): Promise<BundleSize> {
  const { outputFiles } = await build({
    stdin: { contents: options.code, resolveDir: options.folder },
    external: [...options.external],
    // An empty list would take the default one away.
    ...(options.conditions && { conditions: [...options.conditions] }),
    ...(options.plugins && { plugins: [...options.plugins] }),
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2022",
    platform: "browser",
    define: { "process.env.NODE_ENV": '"production"' },
    legalComments: "none",
  });
  const code = outputFiles.map((file) => file.contents);
  return {
    minified: code.reduce((sum, bytes) => sum + bytes.byteLength, 0),
    gzip: code.reduce((sum, bytes) => sum + gzipSync(bytes, { level: 9 }).byteLength, 0),
  };
}
