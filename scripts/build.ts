/**
 * `npm run build`: the packages as they are published, one folder and one tarball each, in build/.
 * Plain `tsc` compiles; the private protocol is copied into both and its imports point at the copy.
 */
import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { type Manifest, publishedManifest } from "./published-manifest.ts";
import { ROOT, run, tool } from "./run.ts";

const PUBLISHED = ["server", "client"];
const BUILD = join(ROOT, "build");
const PROTOCOL = join(ROOT, "packages/protocol");

await rm(BUILD, { recursive: true, force: true });
await run(tool("tsc"), ["-b", "--clean"]);
await run(tool("tsc"), [
  "-b",
  "packages/client",
  "packages/server",
  "packages/server/src/cloudflare",
  "packages/server/src/node",
  "packages/server/src/testing",
  "packages/server/src/vite",
  "packages/server/src/cli",
]);
for (const name of PUBLISHED) {
  const folder = join(BUILD, name);
  await assemble(name, folder);
  await run("npm", ["pack", "--silent", "--pack-destination", BUILD], { cwd: folder });
}

async function assemble(name: string, folder: string): Promise<void> {
  const source = join(ROOT, "packages", name);
  const dist = join(folder, "dist");
  const code = { recursive: true, filter: (path: string) => !path.endsWith(".tsbuildinfo") };
  await mkdir(folder, { recursive: true });
  await cp(join(source, "dist"), dist, code);
  await cp(join(PROTOCOL, "dist"), join(dist, "protocol"), code);
  await cp(join(ROOT, "LICENSE"), join(folder, "LICENSE"));
  await copyTemplates(join(source, "templates"), join(folder, "templates"));
  await cp(join(source, "README.md"), join(folder, "README.md"));
  const manifest = publishedManifest(await readManifest(source), await readManifest(PROTOCOL));
  await writeFile(join(folder, "package.json"), JSON.stringify(manifest, undefined, 2));

  for (const path of await readdir(dist, { recursive: true })) {
    if (!/\.(js|d\.ts)$/.test(path)) continue;
    const file = join(dist, path);
    const text = await readFile(file, "utf8");
    assertAliasesAreSet(path, text);
    await writeFile(file, pointSpecifiers(text, protocolFrom(dirname(file), dist)));
  }
}

/** What `holdfast init` writes; without what only this repository checks it by. */
async function copyTemplates(from: string, to: string): Promise<void> {
  if (!existsSync(from)) return;
  const filter = (path: string): boolean => path !== join(from, "check");
  await cp(from, to, { recursive: true, filter });
}

/** TypeScript 7 may name a class by an alias that it sets too late; only running it would show that. */
function assertAliasesAreSet(path: string, text: string): void {
  const alias = /^var (_[a-z]);$/m.exec(text)?.[1];
  if (alias === undefined || !new RegExp(`^\\s+static \\w+ = .*\\b${alias}\\b`, "m").test(text))
    return;
  throw new Error(
    `${path} uses ${alias} before it is set: a class names itself in a static field. Write \`this\` there.`,
  );
}

function protocolFrom(folder: string, dist: string): string {
  const path = relative(folder, join(dist, "protocol/index.js")).split(sep).join("/");
  return path.startsWith(".") ? path : `./${path}`;
}

/** Imports of the protocol point at its copy; those of sources, kept by tsc in `.d.ts`, at output. */
function pointSpecifiers(text: string, protocol: string): string {
  return text.replaceAll(
    /(\bfrom\s*|\bimport\s*\(?\s*)"(@holdfast\/protocol|\.{1,2}\/[^"]+)"/g,
    (_, keyword: string, specifier: string) =>
      `${keyword}"${specifier === "@holdfast/protocol" ? protocol : specifier.replace(/\.tsx?$/, ".js")}"`,
  );
}

async function readManifest(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as Manifest;
}
