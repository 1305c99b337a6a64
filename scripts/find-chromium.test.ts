import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { expect, test } from "vitest";

const ROOT = resolve(import.meta.dirname, "..");

/** Hides every browser from the process that imports it, as on a machine that has none. */
const NO_BROWSER = `data:text/javascript,${encodeURIComponent(`
  import fs from "node:fs";
  import { syncBuiltinESMExports } from "node:module";
  const exists = fs.existsSync;
  fs.existsSync = (path) => !/chrom|edge/i.test(String(path)) && exists(path);
  syncBuiltinESMExports();
`)}`;

function npmTest(options: readonly string[], env: Record<string, string>) {
  return spawnSync(process.execPath, [...options, "scripts/test.ts", "no-such-test"], {
    cwd: ROOT,
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
}

test("without a browser `npm test` says how to get one, runs nothing, and fails", () => {
  const { status, stdout, stderr } = npmTest(["--import", NO_BROWSER], { CHROMIUM_PATH: "" });
  expect(stderr).toContain("No Chromium was found");
  expect(stderr).toContain("apt-get install chromium");
  expect(stderr).toContain("CHROMIUM_PATH=");
  expect(stdout).toBe("");
  expect(status).toBe(1);
});

test("a CHROMIUM_PATH that leads nowhere is named, and fails", () => {
  const { status, stderr } = npmTest([], { CHROMIUM_PATH: "/no/such/chromium" });
  expect(stderr).toContain("CHROMIUM_PATH names /no/such/chromium, and there is no such file");
  expect(status).toBe(1);
});
