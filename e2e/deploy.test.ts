import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const ROOT = resolve(import.meta.dirname, "..");

test("the plugin has registered the demo's class, which no configuration of the demo names", async () => {
  expect(await readFile(join(ROOT, "demo/wrangler.jsonc"), "utf8")).not.toContain("ModuleObject");
  const built = await readFile(join(ROOT, "demo/dist/holdfast_demo/wrangler.json"), "utf8");
  expect(JSON.parse(built)).toMatchObject({
    exports: { ModuleObject: { type: "durable-object", storage: "sqlite" } },
    compatibility_flags: ["nodejs_als"],
    assets: { run_worker_first: ["/holdfast/*"] },
  });
});

test("the built demo is what `wrangler deploy` takes", async () => {
  const wrangler = join(ROOT, "node_modules/wrangler/bin/wrangler.js");
  const config = join(ROOT, "demo/dist/holdfast_demo/wrangler.json");
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [wrangler, "deploy", "--dry-run", "--config", config],
    { env: { ...process.env, WRANGLER_SEND_METRICS: "false" } },
  );
  expect(stdout).toContain("Total Upload");
  expect(stdout).toContain("--dry-run: exiting now");
});
