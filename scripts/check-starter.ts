/**
 * The app that `holdfast init` writes, with the packed packages and nothing else of this repository:
 * its types, its own test, doctor, a deployment up to wrangler's dry run, and what two browsers do with
 * it as it is developed, as it was built, and by Node.
 */
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { checkStartPage } from "./check-start-page.ts";
import { driveApp, type Program, type Windows } from "./drive-app.ts";
import { ROOT, run } from "./run.ts";

const BUILD = join(ROOT, "build");
const PACKAGES = ["server", "client"];
const VITE = join(ROOT, "node_modules/vite/bin/vite.js");
const ADDRESS = ["--host", "127.0.0.1", "--port", "$PORT", "--strictPort"];
const MODES = {
  dev: [VITE, "dev", ...ADDRESS],
  preview: [VITE, "preview", ...ADDRESS],
  node: ["src/server.ts"],
} as const satisfies Record<string, Program>;

const folder = await mkdtemp(join(tmpdir(), "holdfast-starter-"));
try {
  await install(folder);
  await check("react", ["dev", "preview"]);
  // A project that has bindings and migrations goes on with them.
  await check("preact", ["preview", "node"], {
    durable_objects: { bindings: [{ name: "Counter", class_name: "Counter" }] },
    migrations: [{ tag: "v1", new_sqlite_classes: ["Counter"] }],
  });
  await checkStartPage(join(folder, "by-hand"));
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function check(
  template: string,
  modes: readonly (keyof typeof MODES)[],
  config?: object,
): Promise<void> {
  const holdfast = join(folder, "node_modules/@holdfast/server/dist/cli/bin.js");
  const app = join(folder, template);
  const env = { WRANGLER_SEND_METRICS: "false", CLOUDFLARE_CF_FETCH_ENABLED: "false" };
  const node = (program: string, ...args: readonly string[]): Promise<void> =>
    run(process.execPath, [program, ...args], { cwd: app, env });
  const bin = (name: string): string => join(ROOT, "node_modules", name);
  await run(process.execPath, [holdfast, "init", template, "--template", template], {
    cwd: folder,
  });
  if (config) await configure(app, config);
  await node(bin("typescript/bin/tsc"), "-p", "tsconfig.json");
  await node(bin("typescript/bin/tsc"), "-p", "tsconfig.worker.json");
  await node(bin("vitest/vitest.mjs"), "run");
  await node(holdfast, "doctor");
  await node(holdfast, "deploy", "--dry-run");
  for (const mode of modes) {
    await driveApp(app, MODES[mode], (windows) => driveList(windows, mode));
    console.log(`The starter app, ${template}, by ${mode}: two browsers and a kill are well.`);
  }
  console.log(`\nThe starter app, ${template}: types, test, doctor and dry run are well.`);
}

/**
 * What is added in one browser is in the other; and again once the server was killed and is back.
 *
 * @param mark tells what is added from what a run before has left
 */
async function driveList({ one, other, restart }: Windows, mark: string): Promise<void> {
  const item = (page: Page, text: string): Locator => page.locator("label", { hasText: text });
  const add = async (page: Page, text: string): Promise<void> => {
    await page.getByLabel("New item").fill(text);
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await item(page, text).waitFor();
  };
  const [bread, butter] = [`bread, ${mark}`, `butter, ${mark}`];
  await add(one, bread);
  await item(other, bread).click();
  await one.locator("s", { hasText: bread }).waitFor();
  await restart();
  await add(other, butter);
  await item(one, butter).waitFor();
  await one.reload();
  await one.locator("s", { hasText: bread }).waitFor();
  await one.getByRole("button", { name: "Clear what is done" }).click();
  await item(other, bread).waitFor({ state: "detached" });
  await item(other, butter).waitFor();
}

/** Another class of the app's own, registered as it was done before `exports`. */
async function configure(app: string, config: object): Promise<void> {
  const file = join(app, "wrangler.jsonc");
  const text = await readFile(file, "utf8");
  const entry = join(app, "src/worker.ts");
  await writeFile(file, text.replace("{", `{ ${JSON.stringify(config).slice(1, -1)},`));
  const worker = await readFile(entry, "utf8");
  await writeFile(
    entry,
    `import { DurableObject } from "cloudflare:workers";\n${worker}export class Counter extends DurableObject {}\n`,
  );
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
