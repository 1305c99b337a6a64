import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { DataFolder } from "./data-folder.ts";
import { testFolder } from "./gated-database.fixture.ts";

/** Another process that takes the folder, says so, and stays. */
const HOLDER = `
import { DataFolder } from ${JSON.stringify(join(import.meta.dirname, "data-folder.ts"))};
const folder = DataFolder.open(process.argv[1]);
console.log(folder.secret());
setInterval(() => folder.path, 1000);`;

test("[G1] one process has the folder, until it ends however it ends; then the next one has all of it", async () => {
  const path = testFolder();
  const flags = ["--conditions=holdfast-source", "--input-type=module", "--eval", HOLDER, path];
  const holder = spawn(process.execPath, flags, { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void holder.kill("SIGKILL"));
  const [said] = (await once(holder.stdout, "data")) as [Buffer];
  expect(() => DataFolder.open(path)).toThrow(
    new RegExp(`Another process has .*process ${holder.pid}, since .*dataDir`),
  );
  holder.kill("SIGKILL");
  await once(holder, "exit");
  using folder = DataFolder.open(path);
  expect(folder.secret()).toBe(String(said).trim());
});

test("a folder is not for two servers of one process either", () => {
  const path = testFolder();
  const folder = DataFolder.open(path);
  expect(() => DataFolder.open(path)).toThrow(/Another process has/);
  folder[Symbol.dispose]();
  DataFolder.open(path)[Symbol.dispose]();
});

test("[G22] every name has a file of its own, whatever characters it holds", () => {
  using folder = DataFolder.open(testFolder());
  const names = ["a/b", "a/B", "a/%2e%2e", "a/..", "x".repeat(5_000), "a/b ", "a%2Fb"];
  const files = new Set(names.map((name) => folder.fileOf(name).toLowerCase()));
  expect(files.size).toBe(names.length);
  for (const file of files) expect(file.startsWith(folder.path.toLowerCase())).toBe(true);
});
