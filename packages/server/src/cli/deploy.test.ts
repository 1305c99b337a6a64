import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { holdfast, project, WORKER } from "./cli.fixture.ts";

const CONFIG = `{
  // A comment of ours.
  "name": "app",
  "main": "src/worker.ts",
  "compatibility_date": "2026-10-01",
}
`;
const read = (folder: string): string => readFileSync(join(folder, "wrangler.jsonc"), "utf8");

describe("holdfast deploy", () => {
  test(
    "--dry-run shows what is lacking, goes as far as wrangler's own dry run, and changes nothing",
    { timeout: 120_000 },
    async () => {
      const cwd = project({ "src/worker.ts": WORKER, "wrangler.jsonc": CONFIG });
      const before = readdirSync(cwd);
      const { code, printed, noted } = await holdfast(["deploy", "--dry-run", "--json"], { cwd });
      expect(noted).toMatch(/\+ exports\.ModuleObject|\+ exports: \{"ModuleObject"/);
      expect(noted).toContain("--dry-run: exiting now");
      expect(code).toBe(0);
      expect(JSON.parse(printed)).toMatchObject({
        classes: ["ModuleObject"],
        dryRun: true,
        deployed: false,
        code: 0,
      });
      expect(read(cwd)).toBe(CONFIG);
      expect(readdirSync(cwd).filter((name) => name !== ".wrangler")).toEqual(before);
    },
  );

  test("asks before it changes anything; without anybody to ask, it wants --yes", async () => {
    const cwd = project({ "src/worker.ts": WORKER, "wrangler.jsonc": CONFIG });
    expect(await holdfast(["deploy"], { cwd })).toMatchObject({ code: 2 });
    const refused = await holdfast(["deploy"], { cwd, answers: false });
    expect(refused.code).toBe(1);
    expect(refused.noted).toContain("Nothing was changed");
    expect(read(cwd)).toBe(CONFIG);
  });

  test("[G10] a class that holds data of the old kind is never touched", async () => {
    const config =
      '{ "main": "src/worker.ts", "migrations": [{ "tag": "v1", "new_classes": ["ModuleObject"] }] }';
    const cwd = project({ "src/worker.ts": WORKER, "wrangler.jsonc": config });
    const { code, noted } = await holdfast(["deploy", "--yes"], { cwd });
    expect(code).toBe(1);
    expect(noted).toContain("storage without SQLite");
    expect(read(cwd)).toBe(config);
  });

  test("a class that is registered and exported no more is warned of, and asked about", async () => {
    const config = `{ "main": "src/worker.ts", "compatibility_flags": ["nodejs_als"], "exports": {
      "Things": { "type": "durable-object", "storage": "sqlite" },
      "ModuleObject": { "type": "durable-object", "storage": "sqlite" } } }`;
    const cwd = project({ "src/worker.ts": WORKER, "wrangler.jsonc": config });
    const { code, noted } = await holdfast(["deploy"], { cwd, answers: false });
    expect(code).toBe(1);
    expect(noted).toMatch(/Warning: The class Things .*exports ModuleObject.*renamed/);
    const migrated = `{ "main": "src/worker.ts", "migrations": [
      { "tag": "1", "new_sqlite_classes": ["A", "B", "C"] },
      { "tag": "2", "renamed_classes": [{ "from": "A", "to": "ModuleObject" }], "deleted_classes": ["B"] } ] }`;
    const other = project({ "src/worker.ts": WORKER, "wrangler.jsonc": migrated });
    const said = await holdfast(["deploy"], { cwd: other, answers: false });
    expect(said.noted.match(/The class \w+/g)).toEqual(["The class C"]);
  });

  test.each([
    [
      "no class is exported",
      "export default createWorker({});",
      CONFIG,
      /does not export its class. Add: export const ModuleObject/,
    ],
    ["there is no entry", WORKER, '{ "name": "app" }', /names no entry/],
    [
      "the configuration is broken",
      WORKER,
      '{\n "name": }',
      /is not JSON: ValueExpected in line 2/,
    ],
  ])("says what to do where %s", async (_, worker, config, words) => {
    const cwd = project({ "src/worker.ts": worker, "wrangler.jsonc": config });
    const { code, noted } = await holdfast(["deploy", "--dry-run"], { cwd });
    expect(code).toBe(1);
    expect(noted).toMatch(words);
  });

  test("says where to begin where there is no project", async () => {
    const { code, noted } = await holdfast(["deploy"], { cwd: project({}) });
    expect(code).toBe(1);
    expect(noted).toContain("holdfast init");
  });
});
