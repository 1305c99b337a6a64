import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import type * as Esbuild from "esbuild";
import { packageFolder, type Project } from "../project.ts";
import type { AppFacts } from "./app-facts.ts";

/** Longer than any Worker may take to start. */
const PATIENCE_MS = 30_000;

/**
 * Runs a Worker's code as far as a Worker runs it to start, in a process of its own and without
 * anything of the platform, and says what it is made of.
 *
 * @throws Error where it cannot be bundled, or does not run there
 */
export async function readApp({ folder, main, config }: Project): Promise<AppFacts> {
  const { build } = await loadEsbuild(folder);
  const scratch = await mkdtemp(join(tmpdir(), "holdfast-app-"));
  try {
    const outfile = join(scratch, "app.mjs");
    await build({
      stdin: { contents: program(main ?? ""), resolveDir: folder },
      absWorkingDir: folder,
      outfile,
      bundle: true,
      format: "esm",
      platform: "node",
      target: "es2022",
      logLevel: "silent",
      conditions: ["workerd", "worker", "browser", ...OWN_SOURCES],
      define: { ...config.define },
      alias: { ...config.alias },
      loader: ASSETS,
      // Code for browsers and Workers that is bundled with CommonJS inside asks for it.
      banner: {
        js: 'import { createRequire as holdfastRequire } from "node:module"; const require = holdfastRequire(import.meta.url);',
      },
      plugins: [platform],
    });
    const { stdout } = await promisify(execFile)(process.execPath, [outfile], {
      cwd: folder,
      timeout: PATIENCE_MS,
      maxBuffer: 64 * 1024 * 1024,
    });
    // Whatever the app itself has printed stands in front.
    return JSON.parse(stdout.slice(stdout.lastIndexOf(MARK) + MARK.length)) as AppFacts;
  } catch (error) {
    throw new Error(firstLine(error), { cause: error });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

const READER = fileURLToPath(
  new URL(import.meta.url.replace(/read-app(\.\w+)$/, "worker-reader$1")),
);
/** Where these are sources, those of the packages are wanted as well. */
const OWN_SOURCES = READER.endsWith(".ts") ? ["holdfast-source"] : [];
const MARK = "\n\u0000holdfast app\u0000";

/** What a bundler of Workers takes as data: nothing of it is looked at. */
const ASSETS: Record<string, Esbuild.Loader> = Object.fromEntries(
  [".wasm", ".bin", ".txt", ".html", ".sql", ".md", ".css", ".svg", ".png", ".jpg", ".ico"].map(
    (ending) => [ending, "empty"],
  ),
);

function program(main: string): string {
  return `
import * as entry from ${JSON.stringify(main)};
import { describeApp } from ${JSON.stringify(READER)};
process.stdout.write(${JSON.stringify(MARK)} + JSON.stringify(describeApp(entry)), () => process.exit(0));
`;
}

/** The platform is not there: Holdfast's own part of it is the reader, all else is a name only. */
const platform: Esbuild.Plugin = {
  name: "holdfast:platform",
  setup(build) {
    build.onResolve({ filter: /^@holdfast\/server\/cloudflare$/ }, () => ({ path: READER }));
    build.onResolve({ filter: /^cloudflare:/ }, ({ path }) => ({ path, namespace: "platform" }));
    build.onLoad({ filter: /.*/, namespace: "platform" }, () => ({
      // Any name, as a class that can be extended; behind a prototype, since what is imported of
      // CommonJS is a copy of its own properties.
      contents:
        'module.exports = Object.create(new Proxy({}, { get: (_, name) => (name === "__esModule" ? false : class {}) }));',
      loader: "js",
    }));
  },
};

/** Wrangler brings it along; an app with decorators has it anyway. */
async function loadEsbuild(folder: string): Promise<typeof Esbuild> {
  for (const from of [folder, packageFolder(folder, "wrangler"), dirname(READER)]) {
    if (from === undefined) continue;
    try {
      const entry = createRequire(join(from, "package.json")).resolve("esbuild");
      const loaded = (await import(pathToFileURL(entry).href)) as typeof Esbuild & {
        default?: typeof Esbuild;
      };
      return loaded.default ?? loaded;
    } catch {
      // Perhaps the next one has it.
    }
  }
  throw new Error("esbuild is not installed. Run: npm install --save-dev wrangler");
}

function firstLine(error: unknown): string {
  const { errors, stderr, message } = error as {
    errors?: readonly { text: string; location?: { file: string; line: number } | null }[];
    stderr?: string;
    message?: string;
  };
  const [first] = errors ?? [];
  if (first) {
    const { location } = first;
    return location ? `${location.file}:${location.line}: ${first.text}` : first.text;
  }
  const thrown = stderr?.split("\n").find((line) => /^\w*(Error|Exception)\b/.test(line));
  return thrown ?? message ?? String(error);
}
