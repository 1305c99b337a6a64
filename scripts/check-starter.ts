/**
 * The app that `holdfast init` writes, with the packed packages and nothing else of this repository:
 * its types, its own test, its build, doctor, and a deployment up to wrangler's dry run.
 */
import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT, run } from "./run.ts";

const BUILD = join(ROOT, "build");
const PACKAGES = ["server", "client"];

const folder = await mkdtemp(join(tmpdir(), "holdfast-starter-"));
try {
  await install(folder);
  for (const template of ["react", "preact"]) {
    if (await isPublished(template)) await check(template);
    else console.log(`There is no @holdfast/client/${template}: its template is not checked.`);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function check(template: string): Promise<void> {
  const holdfast = join(folder, "node_modules/@holdfast/server/dist/cli/bin.js");
  const app = join(folder, template);
  const env = { WRANGLER_SEND_METRICS: "false", CLOUDFLARE_CF_FETCH_ENABLED: "false" };
  const node = (program: string, ...args: readonly string[]): Promise<void> =>
    run(process.execPath, [program, ...args], { cwd: app, env });
  const bin = (name: string): string => join(ROOT, "node_modules", name);
  await run(process.execPath, [holdfast, "init", template, "--template", template], {
    cwd: folder,
  });
  await node(bin("typescript/bin/tsc"), "-p", "tsconfig.json");
  await node(bin("typescript/bin/tsc"), "-p", "tsconfig.worker.json");
  await node(bin("vitest/vitest.mjs"), "run");
  await node(holdfast, "doctor");
  await node(holdfast, "deploy", "--dry-run");
  console.log(`\nThe starter app, ${template}: types, test, doctor and dry run are well.`);
}

/** The packages as they are packed, beside links to everything that an app would install. */
async function install(into: string): Promise<void> {
  const modules = join(into, "node_modules");
  await mkdir(join(modules, "@holdfast"), { recursive: true });
  for (const name of await installed()) {
    await mkdir(join(modules, name, ".."), { recursive: true });
    await symlink(join(ROOT, "node_modules", name), join(modules, name), "junction");
  }
  for (const name of PACKAGES) {
    const [tarball] = (await readdir(BUILD)).filter((file) => file.startsWith(`holdfast-${name}-`));
    if (!tarball) throw new Error("build/ holds no tarball. Run `npm run build` first.");
    // Where npm would put it: what is elsewhere is an app's own source to some tools.
    await run("tar", ["-xzf", join(BUILD, tarball), "-C", join(modules, "@holdfast")]);
    await rename(join(modules, "@holdfast/package"), join(modules, "@holdfast", name));
  }
}

async function installed(): Promise<string[]> {
  const names = await readdir(join(ROOT, "node_modules"));
  const lists = names
    .filter((name) => !name.startsWith(".") && name !== "@holdfast")
    .map(async (name) => {
      if (!name.startsWith("@")) return [name];
      return (await readdir(join(ROOT, "node_modules", name))).map((inner) => join(name, inner));
    });
  return (await Promise.all(lists)).flat();
}

async function isPublished(template: string): Promise<boolean> {
  const manifest = await readFile(join(BUILD, "client/package.json"), "utf8");
  // The manifest that the build has written.
  return `./${template}` in (JSON.parse(manifest) as { exports: object }).exports;
}
