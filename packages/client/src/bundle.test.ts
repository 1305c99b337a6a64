import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { type App, createServer } from "./client.fixture.ts";
import type * as index from "./index.ts";
import { settle, TestPage } from "./page.fixture.ts";

const SOURCES = dirname(fileURLToPath(import.meta.url));

/** The files and packages that a bundle with these imports holds. */
async function inputsOf(imports: string): Promise<string[]> {
  const { metafile } = await build({
    stdin: { contents: imports, resolveDir: SOURCES, loader: "ts" },
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    target: "es2022",
    conditions: ["holdfast-source"],
    external: ["react", "preact", "preact/hooks", "preact/compat"],
    logLevel: "silent",
  });
  const [output] = Object.values(metafile.outputs);
  const files = Object.entries(output?.inputs ?? {})
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([path]) => path);
  return [...files, ...(output?.imports ?? []).map(({ path }) => path)];
}

function isOf(packageName: string): (path: string) => boolean {
  return (path) => path === packageName || path.includes(join("node_modules", packageName, "/"));
}

test("the client without a framework holds neither React nor immer", async () => {
  const inputs = await inputsOf(
    `import { createClient } from "./index.ts"; console.log(createClient);`,
  );
  expect(inputs.some((path) => path.endsWith("store/module-store.ts"))).toBe(true);
  expect(inputs.filter(isOf("react"))).toEqual([]);
  expect(inputs.filter(isOf("immer"))).toEqual([]);
  expect(inputs.filter((path) => path.includes("hooks/"))).toEqual([]);
});

test("the hooks of Preact hold its own hooks, and neither React nor preact/compat", async () => {
  const inputs = await inputsOf(
    `import { createHooks } from "./preact.ts"; console.log(createHooks);`,
  );
  const frameworks = inputs.filter((path) => /^p?react/.test(path));
  expect(new Set(frameworks)).toEqual(new Set(["preact/hooks"]));
  expect(inputs.filter((path) => path.endsWith("/react.ts"))).toEqual([]);
});

test("hooks without optimism hold no immer, those with it do", async () => {
  const core = await inputsOf(
    `import { createCoreHooks } from "./react.ts"; console.log(createCoreHooks);`,
  );
  expect(core.filter(isOf("react"))).toEqual(["react"]);
  expect(core.filter(isOf("immer"))).toEqual([]);
  expect(core.filter((path) => path.endsWith("store/optimism.ts"))).toEqual([]);

  const full = await inputsOf(
    `import { createHooks } from "./react.ts"; console.log(createHooks);`,
  );
  expect(full.filter(isOf("immer"))).toHaveLength(1);
});

test("persistence is in a bundle only where it is passed in", async () => {
  const persistent = (path: string): boolean =>
    path.includes("/cache/") || path.endsWith("/persistence.ts");
  const without = await inputsOf(`
    import { createCoreHooks } from "./react.ts";
    import { optimism } from "./index.ts";
    console.log(createCoreHooks({ optimism }));`);
  expect(without.filter(persistent)).toEqual([]);
  expect(without.filter(isOf("immer"))).toHaveLength(1);
  const core = await inputsOf(`
    import { createCoreHooks } from "./react.ts";
    import { persistence } from "./index.ts";
    console.log(createCoreHooks({ persistence }));`);
  expect(core.filter(persistent).length).toBeGreaterThan(5);
  expect(core.filter(isOf("immer"))).toEqual([]);
});

test("devtools are in a bundle only where they are imported, and bring no framework", async () => {
  const isDevtools = (path: string): boolean => path.includes("/devtools/");
  const without = await inputsOf(`
    import { createHooks } from "./react.ts";
    import * as all from "./index.ts";
    console.log(createHooks, all);`);
  expect(without.filter(isDevtools)).toEqual([]);
  const devtools = await inputsOf(
    `import { HoldfastDevtools } from "./devtools.ts"; console.log(HoldfastDevtools);`,
  );
  expect(devtools.filter(isDevtools).length).toBeGreaterThan(5);
  for (const name of ["react", "preact", "immer"]) {
    expect(devtools.filter(isOf(name))).toEqual([]);
  }
});

test("only hooks and their entries know a framework, types included", async () => {
  const files = readdirSync(SOURCES, { recursive: true, encoding: "utf8" }).filter(
    (file) => /\.tsx?$/.test(file) && !/\.(test|fixture|contract)\./.test(file),
  );
  const mayKnow = new Set(["react.ts", "preact.ts"]);
  const core = files.filter((file) => !file.startsWith("hooks/") && !mayKnow.has(file));
  expect(core.length).toBeGreaterThan(60);
  const knowing = core.filter((file) =>
    /\b(?:from|import)\s*\(?\s*"p?react/.test(readFileSync(join(SOURCES, file), "utf8")),
  );
  expect(knowing).toEqual([]);
  // And what is not written there does not come along by way of something else.
  const inputs = await inputsOf(`
    import * as all from "./index.ts";
    import * as devtools from "./devtools.ts";
    console.log(all, devtools);`);
  for (const name of ["react", "react-dom", "preact"]) {
    expect(inputs.filter(isOf(name))).toEqual([]);
  }
});

test("the whole core works in a program that has no framework", async () => {
  const { outputFiles } = await build({
    stdin: { contents: `export * from "./index.ts";`, resolveDir: SOURCES, loader: "ts" },
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    conditions: ["holdfast-source"],
    logLevel: "silent",
    plugins: [
      {
        name: "no framework",
        setup: ({ onResolve }) => {
          onResolve({ filter: /^(react|react-dom|preact)($|\/)/ }, ({ path }) => ({
            errors: [{ text: `${path} is not there` }],
          }));
        },
      },
    ],
  });
  const code = outputFiles[0]?.text ?? "";
  // True because it is bundled from there.
  const core = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as typeof index;
  const page = new TestPage();
  const { optimism, persistence, presence, history, streams } = core;
  const parts = { optimism, persistence, presence, history, streams };
  const client = core.createClient<App>({
    environment: page.environment,
    // There is no window to be left.
    warnBeforeUnload: false,
    ...parts,
  });
  const counter = client.module("counter");
  counter.subscribe(() => undefined);
  await settle();
  const server = createServer();
  server.accept(page.socket);
  const added = counter.optimistic(() => ({ add: (draft, by = 1) => (draft.n += by) })).add(2);
  expect(counter.getSnapshot().state?.n).toBe(2);
  await settle();
  server.handle(page.socket);
  expect(await added).toBe(2);
  void counter.update((draft) => (draft.text = "written"));
  await settle();
  server.handle(page.socket);
  expect(server.state).toEqual({ n: 2, text: "written" });
  client.close();
});
