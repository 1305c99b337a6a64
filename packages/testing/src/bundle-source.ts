import { build, type BuildOptions, type Plugin } from "esbuild";

/** What is bundled, and how it is changed on the way. */
export interface BundleOptions {
  /** The source file. */
  readonly entry: string;
  /** Compile-time constants, as esbuild takes them: JSON text per name. */
  readonly define?: Readonly<Record<string, string>>;
  /** Transformations of the sources on the way, such as a planted bug. */
  readonly plugins?: readonly Plugin[];
}

/** What was made of sources that are taken as they are: tests start one Worker many times. */
const made = new Map<string, Promise<string>>();

/** One ES module that workerd runs as it is. */
export function bundleWorker(options: BundleOptions): Promise<string> {
  if (options.plugins) return makeWorker(options);
  const name = JSON.stringify([options.entry, options.define]);
  const text = made.get(name) ?? makeWorker(options);
  made.set(name, text);
  return text;
}

function makeWorker(options: BundleOptions): Promise<string> {
  return bundleSource(options, {
    format: "esm",
    target: "es2022",
    platform: "neutral",
    mainFields: ["module", "main"],
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*", "node:*"],
  });
}

/** One file for Node. */
export function bundleProgram(options: BundleOptions): Promise<string> {
  return bundleSource(options, {
    format: "cjs",
    platform: "node",
    target: "node22",
    // What makes `ws` a little faster where it is installed.
    external: ["bufferutil", "utf-8-validate"],
  });
}

/** Holdfast's packages are taken from their sources. */
async function bundleSource(
  { entry, define, plugins = [] }: BundleOptions,
  { conditions = [], ...target }: BuildOptions,
): Promise<string> {
  const result = await build({
    ...target,
    entryPoints: [entry],
    bundle: true,
    write: false,
    conditions: ["holdfast-source", ...conditions],
    define: { ...define },
    plugins: [...plugins],
    sourcemap: "inline",
    logLevel: "silent",
  });
  const output = result.outputFiles?.[0];
  if (output === undefined) throw new Error(`esbuild made no output of ${entry}`);
  return output.text;
}
