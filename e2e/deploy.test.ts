import { execFile } from "node:child_process";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const ROOT = resolve(import.meta.dirname, "..");

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
