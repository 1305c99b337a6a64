import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { driveApp } from "./drive-app.ts";
import { ROOT, run } from "./run.ts";

/** A code block whose first line is a comment that names its file. */
const FILE = /```\w+\n(?<code>(?:\/\/|<!--) (?<name>[\w./-]+\.\w+)[^]*?)```/g;

/**
 * Follows `docs/start.md` to the letter, in an empty folder where its packages are found: writes the files
 * that it shows, runs what it says, and presses the button in two browsers.
 */
export async function checkStartPage(app: string): Promise<void> {
  const page = await readFile(join(ROOT, "docs/start.md"), "utf8");
  const written: string[] = [];
  for (const { groups: { name = "", code = "" } = {} } of page.matchAll(FILE)) {
    const file = join(app, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, code);
    written.push(name);
  }
  await writeFile(join(app, "package.json"), '{ "name": "my-app", "type": "module" }');
  const holdfast = join(app, "../node_modules/@holdfast/server/dist/cli/bin.js");
  const env = { WRANGLER_SEND_METRICS: "false", CLOUDFLARE_CF_FETCH_ENABLED: "false" };
  await run(process.execPath, [holdfast, "doctor"], { cwd: app, env });
  await run(process.execPath, [holdfast, "deploy", "--dry-run"], { cwd: app, env });
  const vite = join(ROOT, "node_modules/vite/bin/vite.js");
  const program = [vite, "dev", "--host", "127.0.0.1", "--port", "$PORT", "--strictPort"];
  await driveApp(app, program, async ({ one, other, restart }) => {
    const button = (page: Page, count: string): Locator =>
      page.getByRole("button", { name: count, exact: true });
    await button(one, "0").click();
    await button(other, "1").click();
    // What another window shows is stored.
    await button(one, "2").waitFor();
    await restart();
    // Vite's own client may load the page again at any moment now.
    await one.reload();
    await button(one, "2").waitFor();
  });
  console.log(`\nThe start page: ${written.join(", ")} make an app that runs.`);
}
