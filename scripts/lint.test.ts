import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const ROOT = resolve(import.meta.dirname, "..");

/** What it is, the folder it stands in, the ending of its file, what it imports. */
type Plant = readonly [what: string, folder: string, ending: string, specifier: string];

const REFUSED: readonly Plant[] = [
  ["state that sees storage", "packages/server/src/state", ".ts", "../storage/b.ts"],
  ["storage that sees state", "packages/server/src/storage", ".ts", "../state/b.ts"],
  ["module that sees the host", "packages/server/src/module", ".ts", "../host/b.ts"],
  ["the host that sees a platform", "packages/server/src/host", ".ts", "../cloudflare/b.ts"],
  ["the host that sees the app", "packages/server/src/host", ".ts", "../app/b.ts"],
  ["the app that sees a platform", "packages/server/src/app", ".ts", "../node/b.ts"],
  ["a nested folder that climbs out", "packages/server/src/state/deep", ".ts", "../../host/b.ts"],
  ["protocol that imports a package", "packages/protocol/src", ".ts", "devalue"],
  ["protocol that imports Node", "packages/protocol/src", ".ts", "node:fs"],
  ["the client's store that sees hooks", "packages/client/src/store", ".ts", "../hooks/b.ts"],
  ["the transport that sees the store", "packages/client/src/transport", ".ts", "../store/b.ts"],
  ["the store that sees the client", "packages/client/src/store", ".ts", "../client.ts"],
  ["the store that sees options", "packages/client/src/store", ".ts", "../client-options.ts"],
  ["hooks that see the transport", "packages/client/src/hooks", ".ts", "../transport/b.ts"],
  ["a second importer of immer", "packages/client/src/store", ".ts", "immer"],
  ["a second importer of partysocket", "packages/client/src", ".ts", "partysocket"],
  ["React below the hooks", "packages/client/src/store", ".ts", "react"],
  ["Workers outside cloudflare", "packages/server/src/host", ".ts", "cloudflare:workers"],
  ["Node inside the core", "packages/server/src/storage", ".ts", "node:sqlite"],
  ["a layer that imports the entry", "packages/server/src/host", ".ts", "../index.ts"],
  ["a demo that reaches into sources", "demo/src", ".ts", "../../packages/server/src/index.ts"],
];

const ACCEPTED: readonly Plant[] = [
  ["Workers in cloudflare", "packages/server/src/cloudflare", ".ts", "cloudflare:workers"],
  ["Node in node", "packages/server/src/node", ".ts", "node:sqlite"],
  ["Node in a test", "packages/server/src/storage", ".test.ts", "node:sqlite"],
  ["the host that joins state", "packages/server/src/host", ".ts", "../state/b.ts"],
  ["the host that joins storage", "packages/server/src/host", ".ts", "../storage/b.ts"],
  ["the app that joins systems", "packages/server/src/app", ".ts", "../system/b.ts"],
  ["the protocol everywhere", "packages/client/src/transport", ".ts", "@holdfast/protocol"],
];

const pathOf = (plant: Plant): string =>
  `${plant[1]}/${plant[0].replaceAll(/[^a-zA-Z]+/g, "-")}${plant[2]}`;
const importing = (specifier: string): string =>
  `import { thing } from "${specifier}";\nexport const other = thing;\n`;
const lines = (count: number): string =>
  Array.from({ length: count }, (_, at) => `export const line${at} = 1;\n`).join("");

const FILES: Record<string, string> = {
  ...Object.fromEntries(
    [...REFUSED, ...ACCEPTED].map((plant) => [pathOf(plant), importing(plant[3])]),
  ),
  "packages/client/src/store/recipe.ts": importing("immer"),
  "packages/client/src/transport/partysocket.ts": importing("partysocket"),
  "packages/server/src/state/cycle-a.ts": `import type { B } from "./cycle-b.ts";\nexport type A = B;\n`,
  "packages/server/src/state/cycle-b.ts": `import type { A } from "./cycle-a.ts";\nexport type B = A;\n`,
  "packages/server/src/state/lines-401.ts": lines(401),
  "packages/server/src/state/lines-400.ts": `// Why it is so.\n\n${lines(400)}`,
};

/** One run of oxlint, under this repository's own rules, over a tree of planted files. */
let tree = "";
let findings: string[] = [];

beforeAll(() => {
  tree = mkdtempSync(join(tmpdir(), "holdfast-lint-"));
  copyFileSync(join(ROOT, "oxlint.config.ts"), join(tree, "oxlint.config.ts"));
  symlinkSync(join(ROOT, "node_modules"), join(tree, "node_modules"), "junction");
  for (const [path, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), text);
  }
  const run = spawnSync(
    process.execPath,
    [join(ROOT, "node_modules/oxlint/bin/oxlint"), "--format=unix", "packages", "demo"],
    { cwd: tree, encoding: "utf8" },
  );
  if (run.error) throw run.error;
  findings = run.stdout.split("\n");
}, 60_000);

afterAll(() => rmSync(tree, { recursive: true, force: true }));

function findingsIn(path: string): string {
  return findings.filter((finding) => finding.startsWith(`${path}:`)).join("\n");
}

describe("lint refuses", () => {
  test.each(REFUSED)("%s", (...plant) => {
    expect(findingsIn(pathOf(plant))).toContain("no-restricted-imports");
  });

  test("a cycle, even of types alone", () => {
    expect(findingsIn("packages/server/src/state/cycle-a.ts")).toContain("no-cycle");
  });

  test("a file of 401 lines of code", () => {
    expect(findingsIn("packages/server/src/state/lines-401.ts")).toContain("max-lines");
  });
});

describe("lint accepts", () => {
  test.each(ACCEPTED)("%s", (...plant) => {
    expect(findingsIn(pathOf(plant))).toBe("");
  });

  test("immer and partysocket, each in the one file that may import it", () => {
    expect(findingsIn("packages/client/src/store/recipe.ts")).toBe("");
    expect(findingsIn("packages/client/src/transport/partysocket.ts")).toBe("");
  });

  test("400 lines of code, comments and blank lines aside", () => {
    expect(findingsIn("packages/server/src/state/lines-400.ts")).toBe("");
  });
});
