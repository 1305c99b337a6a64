/**
 * `npm run store-build -- [commit]`: keeps client and Worker of a commit, as they are shipped, in
 * `packages/testing/skew`. The tests of skew run each of them against what there is now. By default
 * `HEAD`: done at every release. Which of them stay says docs/design/0007.
 */
import { execFileSync } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { ROOT } from "./run.ts";

/** What a kept build says of itself. */
interface KeptBuild {
  readonly commit: string;
  readonly date: string;
  readonly protocol: number;
  /** The oldest one that its Worker serves. */
  readonly oldest: number;
}

const [asked = "HEAD"] = process.argv.slice(2);
const commit = git("rev-parse", "--short", asked);
const sources = await mkdtemp(join(tmpdir(), "holdfast-skew-"));
try {
  await checkOut(commit, sources);
  const { PROTOCOL_VERSION: protocol, OLDEST_PROTOCOL: oldest = protocol } =
    await importVersion(sources);
  const folder = join(ROOT, "packages/testing/skew", `${protocol}-${commit}`);
  await mkdir(folder, { recursive: true });
  await bundle(join(sources, "packages/client/src/index.ts"), {
    outfile: join(folder, "client.mjs"),
    platform: "browser",
  });
  await bundle(join(sources, "app/skew-worker.ts"), {
    outfile: join(folder, "worker.mjs"),
    platform: "neutral",
  });
  const date = git("show", "-s", "--format=%cI", commit);
  const about: KeptBuild = { commit, date, protocol, oldest };
  await writeFile(join(folder, "build.json"), `${JSON.stringify(about, undefined, 2)}\n`);
  console.log(`kept in ${folder}`);
} finally {
  await rm(sources, { recursive: true, force: true });
}

/** The packages of that commit, and beside them the app of today, which knows how to do without. */
async function checkOut(of: string, folder: string): Promise<void> {
  const archive = execFileSync("git", ["archive", of, "packages"], {
    cwd: ROOT,
    maxBuffer: 2 ** 28,
  });
  execFileSync("tar", ["-x"], { cwd: folder, input: archive });
  await mkdir(join(folder, "node_modules/@holdfast"), { recursive: true });
  for (const name of ["protocol", "server", "client"]) {
    await symlink(join(folder, "packages", name), join(folder, "node_modules/@holdfast", name));
  }
  for (const name of ["skew-app.ts", "skew-worker.ts"]) {
    await cp(join(ROOT, "packages/testing/worker", name), join(folder, "app", name));
  }
}

interface Version {
  readonly PROTOCOL_VERSION: number;
  readonly OLDEST_PROTOCOL?: number;
}

async function importVersion(folder: string): Promise<Version> {
  // True of every commit so far: the file has no imports, and exports the number.
  return (await import(join(folder, "packages/protocol/src/version.ts"))) as Version;
}

async function bundle(
  entry: string,
  options: { readonly outfile: string; readonly platform: "browser" | "neutral" },
): Promise<void> {
  await build({
    ...options,
    entryPoints: [entry],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    mainFields: ["module", "main"],
    conditions: ["holdfast-source", "workerd", "worker", "browser"],
    external: ["cloudflare:*", "node:*"],
    // What the packages of today import is there; it is pinned.
    nodePaths: [join(ROOT, "node_modules")],
    define: { "process.env.NODE_ENV": '"production"' },
    legalComments: "none",
    logLevel: "error",
  });
}

function git(...parameters: readonly string[]): string {
  return execFileSync("git", [...parameters], { cwd: ROOT, encoding: "utf8" }).trim();
}
