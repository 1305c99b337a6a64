import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build as esbuild } from "esbuild";
import { build, createServer, type Rolldown } from "vite";
import { expect, test } from "vitest";
import { holdfast } from "./index.ts";

const DECORATED = `
const seen: string[] = [];
function note(_value: undefined, context: { name: string | symbol; addInitializer(f: () => void): void }) {
  context.addInitializer(function (this: any) { seen.push(String(context.name) + "=" + this[context.name]); });
}
class Example { @note one: number = 1; #two = 2; get two() { return this.#two; } }
new Example();
export default seen;
`;

async function bundle(plugins: unknown[]): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), "holdfast-vite-"));
  try {
    const entry = join(directory, "entry.ts");
    writeFileSync(entry, DECORATED);
    const result = await build({
      root: directory,
      configFile: false,
      logLevel: "silent",
      plugins: plugins as [],
      build: { write: false, minify: false, lib: { entry, formats: ["es"] } },
    });
    const [output] = result as Rolldown.RolldownOutput[];
    return output?.output[0].code ?? "";
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

test("decorators run after a build with the plugin, behind the initializer of their field", async () => {
  const code = await bundle(holdfast());
  expect(code).not.toMatch(/@note/);
  const module = await import(`data:text/javascript,${encodeURIComponent(code)}`);
  expect(module.default).toEqual(["one=1"]);
});

test("without it they reach the output, where no engine runs them: the plugin is needed", async () => {
  expect(await bundle([])).toMatch(/@note/);
});

test("a dev server hands them out lowered, to the browser and to what runs on the server", async () => {
  const directory = mkdtempSync(join(tmpdir(), "holdfast-vite-"));
  const server = await createServer({
    root: directory,
    configFile: false,
    logLevel: "silent",
    plugins: holdfast() as [],
    server: { middlewareMode: true, ws: false },
    optimizeDeps: { noDiscovery: true },
  });
  try {
    const entry = join(directory, "entry.ts");
    writeFileSync(entry, DECORATED);
    const loaded = await server.ssrLoadModule(entry);
    expect(loaded["default"]).toEqual(["one=1"]);
    const sent = await server.transformRequest("/entry.ts");
    expect(sent?.code).not.toMatch(/@note/);
  } finally {
    await server.close();
    rmSync(directory, { recursive: true, force: true });
  }
});

const SYSTEM = `
import { action, field, System } from "@holdfast/server";
export class Tasks extends System { @field tasks = []; @action() add() {} }
export const make = () => new Tasks();
`;

/** The module as another tool lowers it. */
async function lowered(code: string, compilerOptions: object): Promise<{ make(): object }> {
  const { outputFiles } = await esbuild({
    stdin: { contents: code, resolveDir: import.meta.dirname, loader: "ts" },
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "es2022",
    conditions: ["holdfast-source"],
    tsconfigRaw: { compilerOptions },
  });
  const [output] = outputFiles;
  return import(
    `data:text/javascript;base64,${Buffer.from(output?.text ?? "").toString("base64")}`
  );
}

test("where they are lowered the old way, the error says so, and what to do", async () => {
  await expect(lowered(SYSTEM, { experimentalDecorators: true })).rejects.toThrow(
    /@field was called as by "experimentalDecorators".*Take that option out/,
  );
});

test("whatever lowers them as the standard says will do", async () => {
  const { make } = await lowered(SYSTEM, { useDefineForClassFields: true });
  expect(Object.keys(make())).toEqual(["tasks"]);
});
