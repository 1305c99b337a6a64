import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { holdfast, project, usePackages } from "./cli.fixture.ts";

/** An empty folder. */
function emptyFolder(): string {
  const folder = project({});
  rmSync(join(folder, "node_modules"));
  return folder;
}

const KINDS = ["react", "preact"];

describe("holdfast init", () => {
  test.each(KINDS)(
    "writes a whole app, %s, that doctor and a dry run are content with",
    { timeout: 120_000 },
    async (template) => {
      const cwd = emptyFolder();
      const made = await holdfast(["init", "my-app", "--template", template, "--json"], { cwd });
      expect(made.code).toBe(0);
      const folder = join(cwd, "my-app");
      expect(JSON.parse(made.printed)).toMatchObject({ folder, template, name: "my-app" });
      const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as object;
      const own = JSON.parse(
        readFileSync(join(import.meta.dirname, "../../package.json"), "utf8"),
      ) as { version: string };
      expect(manifest).toMatchObject({
        name: "my-app",
        dependencies: {
          "@holdfast/server": `^${own.version}`,
          "@holdfast/client": `^${own.version}`,
        },
      });
      for (const file of ["wrangler.jsonc", "index.html", "README.md", "src/page.tsx"]) {
        expect(readFileSync(join(folder, file), "utf8")).not.toContain("0.0.0-holdfast");
      }
      expect(existsSync(join(folder, ".gitignore"))).toBe(true);
      usePackages(folder);
      const checked = await holdfast(["doctor", "--json"], { cwd: folder });
      expect(checked.code).toBe(0);
    },
  );

  test("takes the folder's name as far as a Worker may have it", async () => {
    const cwd = emptyFolder();
    const { printed } = await holdfast(["init", "My fine App!", "--json"], { cwd });
    expect(JSON.parse(printed)).toMatchObject({ name: "my-fine-app" });
    expect((await holdfast(["init", "x", "--name", "Not a name"], { cwd })).code).toBe(2);
    expect((await holdfast(["init", "x", "--template", "vue"], { cwd })).code).toBe(2);
  });

  test("writes into no folder that holds anything", async () => {
    const cwd = project({ "mine.txt": "mine" });
    const { code, noted } = await holdfast(["init"], { cwd });
    expect(code).toBe(1);
    expect(noted).toContain("is not empty");
    expect(existsSync(join(cwd, "package.json"))).toBe(false);
  });
});
