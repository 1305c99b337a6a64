import { build, type Plugin } from "esbuild";

/** How a worker is bundled for `workerd serve`. */
export interface BundleOptions {
  /** The worker's source file. */
  readonly entry: string;
  /** Compile-time constants, as esbuild takes them: JSON text per name. */
  readonly define?: Readonly<Record<string, string>>;
  /** Transformations of the sources on the way, such as a planted bug. */
  readonly plugins?: readonly Plugin[];
}

/** One ES module that workerd runs as it is; Holdfast's packages are taken from their sources. */
export async function bundleWorker(options: BundleOptions): Promise<string> {
  const result = await build({
    entryPoints: [options.entry],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    platform: "neutral",
    mainFields: ["module", "main"],
    conditions: ["holdfast-source", "workerd", "worker", "browser"],
    external: ["cloudflare:*", "node:*"],
    define: { ...options.define },
    plugins: [...(options.plugins ?? [])],
    sourcemap: "inline",
    logLevel: "silent",
  });
  const output = result.outputFiles[0];
  if (output === undefined) throw new Error(`esbuild made no output of ${options.entry}`);
  return output.text;
}
