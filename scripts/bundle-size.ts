import { gzipSync } from "node:zlib";
import { build, type BuildOptions, type Plugin } from "esbuild";
import { ROOT } from "./run.ts";

/** What a browser downloads for a piece of code. */
export interface BundleSize {
  readonly minified: number;
  readonly gzip: number;
  /** What `import()` brings beside that, compressed: when something happens that hardly ever does. */
  readonly byNeed: number;
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
  const [page] = await bundle(options, {
    plugins: [leaveImportsOut, ...(options.plugins ?? [])],
  });
  if (!page) throw new Error("esbuild has made nothing.");
  return {
    minified: page.code.byteLength,
    gzip: compressed(page.code),
    byNeed: page.imports.length === 0 ? 0 : await sizeByNeed(options),
  };
}

interface File {
  readonly path: string;
  readonly code: Uint8Array;
  /** The files that it imports by `import()`, or, where those are left out, their paths. */
  readonly imports: readonly string[];
  /** Those that come with it. */
  readonly needs: readonly string[];
}

/** The files that no static import leads to from the entry. */
async function sizeByNeed(options: Parameters<typeof bundleSize>[0]): Promise<number> {
  const files = await bundle(options, { splitting: true, outdir: "chunks" });
  const atOnce = new Set<File>();
  const take = (file: File | undefined): void => {
    if (!file || atOnce.has(file)) return;
    atOnce.add(file);
    for (const path of file.needs) take(files.find((one) => one.path === path));
  };
  take(files[0]);
  return files.reduce((sum, file) => sum + (atOnce.has(file) ? 0 : compressed(file.code)), 0);
}

/** What `import()` brings is another file. */
export const leaveImportsOut: Plugin = {
  name: "leave-imports-out",
  setup: (build) => {
    build.onResolve({ filter: /./ }, ({ kind, path }) =>
      kind === "dynamic-import" ? { path, external: true } : undefined,
    );
  },
};

/** The entry first. */
async function bundle(
  options: Parameters<typeof bundleSize>[0],
  how: BuildOptions,
): Promise<File[]> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: options.code, resolveDir: options.folder },
    external: [...options.external],
    // An empty list would take the default one away.
    ...(options.conditions && { conditions: [...options.conditions] }),
    bundle: true,
    minify: true,
    absWorkingDir: ROOT,
    format: "esm",
    target: "es2022",
    platform: "browser",
    define: { "process.env.NODE_ENV": '"production"' },
    legalComments: "none",
    ...how,
    write: false,
    metafile: true,
  });
  const outputs = Object.entries(metafile.outputs);
  const files = outputFiles.map(({ contents }, index) => {
    // True because there is an output for every file, in the same order.
    const [path, { imports, entryPoint }] = outputs[index] as (typeof outputs)[number];
    const lazy = imports.filter(({ kind }) => kind === "dynamic-import");
    return {
      path,
      code: contents,
      imports: lazy.map((one) => one.path),
      needs: imports.filter((one) => !lazy.includes(one)).map((one) => one.path),
      isEntry: entryPoint === "<stdin>",
    };
  });
  return files.sort((one, other) => Number(other.isEntry) - Number(one.isEntry));
}

function compressed(code: Uint8Array): number {
  return gzipSync(code, { level: 9 }).byteLength;
}
