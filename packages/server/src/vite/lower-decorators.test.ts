import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build, type Rolldown } from "vite";
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
