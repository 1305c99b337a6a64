/**
 * The packages in build/, checked as their users meet them: the rules of publint and of "are the
 * types wrong", and a consumer that has nothing but the packed tarballs.
 */
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { ROOT, run, tool } from "./run.ts";

const BUILD = join(ROOT, "build");
/** A tool's own entry: no page and no Worker ever has it, so it is loaded where the tools are. */
const VITE = "./vite";
const tarballs = (await readdir(BUILD)).filter((file) => file.endsWith(".tgz"));
if (tarballs.length === 0) throw new Error("build/ holds no tarball. Run `npm run build` first.");

for (const tarball of tarballs) {
  console.log(`\n${tarball}`);
  await run(tool("publint"), ["--strict", join(BUILD, tarball)]);
  await run(tool("attw"), [join(BUILD, tarball), "--profile", "esm-only"]);
}
await checkConsumer();
await checkVitePlugin();

async function checkConsumer(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-consumer-"));
  try {
    const entries = await install(folder);
    await importInNode(folder, entries.filter(isForNode));
    await bundle(folder, entries.filter(isForPages));
    await typeCheck(folder, entries);
    console.log(
      `\nA consumer of the tarballs imports, bundles and type-checks ${entries.join(", ")}.`,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function checkVitePlugin(): Promise<void> {
  const entry = join(BUILD, "server/dist/vite/index.js");
  const { holdfast, holdfastWorker } = (await import(entry)) as Record<string, unknown>;
  if (typeof holdfast !== "function" || typeof holdfastWorker !== "function") {
    throw new Error("The built Vite plugin does not export holdfast() and holdfastWorker().");
  }
}

/** Unpacks the tarballs beside links to what they depend on; returns every entry that they export. */
async function install(folder: string): Promise<string[]> {
  const modules = join(folder, "node_modules");
  const entries: string[] = [];
  await mkdir(join(modules, "@types"), { recursive: true });
  await mkdir(join(modules, "@cloudflare"));
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  const links = new Set([
    "react",
    "@types/react",
    "preact",
    "@types/node",
    "undici-types",
    "@cloudflare/workers-types",
  ]);
  for (const tarball of tarballs) {
    const unpacked = join(folder, tarball.replace(".tgz", ""));
    await mkdir(unpacked);
    await run("tar", ["-xzf", join(BUILD, tarball), "-C", unpacked]);
    const manifest = JSON.parse(
      await readFile(join(unpacked, "package/package.json"), "utf8"),
    ) as Manifest;
    await mkdir(join(modules, "@holdfast"), { recursive: true });
    await symlink(join(unpacked, "package"), join(modules, manifest.name), "junction");
    for (const dependency of Object.keys(manifest.dependencies)) links.add(dependency);
    for (const path of Object.keys(manifest.exports)) {
      if (path !== VITE) entries.push(manifest.name + path.slice(1));
    }
  }
  for (const name of links) {
    await symlink(join(ROOT, "node_modules", name), join(modules, name), "junction");
  }
  return entries;
}

/** Entries that run in plain Node; those of a platform are only bundled for it. */
function isForNode(entry: string): boolean {
  return !entry.endsWith("/cloudflare");
}

/** What a page or a Worker may have; the rest is Node's own. */
function isForPages(entry: string): boolean {
  return !/server\/(node|testing)$/.test(entry);
}

async function importInNode(folder: string, entries: readonly string[]): Promise<void> {
  const lines = entries.map(
    (entry) =>
      `if (Object.keys(await import("${entry}")).length === 0) throw new Error("${entry} exports nothing");`,
  );
  await writeFile(join(folder, "consumer.js"), lines.join("\n"));
  // Preserved links keep React and immer resolvable from packages that are linked in.
  await run(process.execPath, ["--preserve-symlinks", "consumer.js"], { cwd: folder });
}

async function bundle(folder: string, entries: readonly string[]): Promise<void> {
  await build({
    stdin: { contents: exportAll(entries), resolveDir: folder },
    preserveSymlinks: true,
    external: ["cloudflare:*"],
    bundle: true,
    write: false,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    conditions: ["browser"],
  });
}

/** Each entry among the types that its users have, and no others. */
async function typeCheck(folder: string, entries: readonly string[]): Promise<void> {
  const anywhere = { lib: ["ES2024", "DOM", "DOM.Iterable"], types: [] };
  const workers = { lib: ["ES2024"], types: ["@cloudflare/workers-types"] };
  const node = { lib: ["ES2024"], types: ["node"] };
  for (const [at, entry] of entries.entries()) {
    const file = `consumer-${at}.ts`;
    const compilerOptions = {
      module: "NodeNext",
      strict: true,
      noEmit: true,
      preserveSymlinks: true,
      skipLibCheck: false,
      ...(!isForPages(entry) ? node : isForNode(entry) ? anywhere : workers),
    };
    await writeFile(join(folder, file), exportAll([entry]));
    await writeFile(
      join(folder, "tsconfig.json"),
      JSON.stringify({ compilerOptions, files: [file] }),
    );
    await run(tool("tsc"), ["-p", folder]);
  }
}

function exportAll(entries: readonly string[]): string {
  return entries.map((entry, at) => `export * as entry${at} from "${entry}";`).join("\n");
}

interface Manifest {
  readonly name: string;
  readonly dependencies: Record<string, string>;
  readonly exports: Record<string, unknown>;
}
