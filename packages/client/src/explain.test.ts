import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type BuildOptions } from "esbuild";
import { describe, expect, test } from "vitest";
import { build as buildWithVite } from "vite";
import type { createClient as CreateClient } from "./client.ts";

const SOURCES = dirname(fileURLToPath(import.meta.url));
const CODE = `export { createClient } from "./index.ts";`;

/** Parts of explanations from both packages, and from every way that they are written. */
const EXPLANATIONS = [
  "Is the server out of reach",
  "no copy can keep",
  "a cycle cannot be stored",
  "Flatten it",
  "Client and server may be of different versions",
  "The two sides are at different states",
  "Pass { host }",
  "or pass `onRejected`",
  "one after another",
];

async function bundle(options: BuildOptions): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: CODE, resolveDir: SOURCES, loader: "ts" },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2022",
    conditions: ["holdfast-source"],
    ...options,
  });
  return outputFiles?.[0]?.text ?? "";
}

const found = (code: string) => EXPLANATIONS.filter((part) => code.includes(part));

describe("what errors say", () => {
  test("in a production bundle for browsers is short, made by esbuild or by Vite", async () => {
    const define = { "process.env.NODE_ENV": '"production"' };
    expect(found(await bundle({ platform: "browser", define }))).toEqual([]);

    const result = await buildWithVite({
      root: SOURCES,
      configFile: false,
      logLevel: "silent",
      mode: "production",
      resolve: { conditions: ["holdfast-source", "browser"] },
      build: { write: false, lib: { entry: "index.ts", formats: ["es"] }, minify: true },
      define,
    });
    const [library] = [result].flat();
    if (!library || !("output" in library)) throw new Error("Vite made no bundle");
    const code = library.output.map((part) => ("code" in part ? part.code : "")).join("");
    expect(code).toContain("VALUE_UNSUPPORTED");
    expect(found(code)).toEqual([]);
  }, 60_000);

  test("in a development bundle, on a server and in a worker is all there is to say", async () => {
    const development = { "process.env.NODE_ENV": '"development"' };
    expect(found(await bundle({ platform: "browser", define: development }))).toEqual(EXPLANATIONS);
    const production = { "process.env.NODE_ENV": '"production"' };
    for (const options of [
      { platform: "node" },
      { platform: "neutral", mainFields: ["module", "main"] },
      { platform: "browser", conditions: ["holdfast-source", "workerd", "worker", "browser"] },
    ] satisfies BuildOptions[]) {
      expect(found(await bundle({ define: production, ...options }))).toEqual(EXPLANATIONS);
    }
  });

  test("needs no `process`, where none is known to a bundler", async () => {
    const external = ["immer", "partysocket/ws"];
    const code = await bundle({ platform: "neutral", external });
    expect(code).toContain("VALUE_UNSUPPORTED");
    expect(code).not.toContain("process");
  });

  test("without its explanation still names the code, and the place of a value", async () => {
    const define = { "process.env.NODE_ENV": '"production"' };
    const code = await bundle({ platform: "browser", define });
    // True because that is what the bundle was made of.
    const { createClient } = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as {
      readonly createClient: typeof CreateClient;
    };
    const client = createClient<never>({
      host: "https://example.com",
      environment: { WebSocket: globalThis.WebSocket },
    });
    // True because a client knows nothing of the app's types when it runs.
    const module = client.module as unknown as (name: string) => {
      dispatch(name: string, payload: unknown): Promise<unknown>;
    };
    const { dispatch } = module.call(client, "counter");
    await expect(dispatch("add", { list: [0, () => 0] })).rejects.toMatchObject({
      code: "VALUE_UNSUPPORTED",
      message: "payload.list[1] cannot be sent or stored",
    });
    client.close();
    await expect(dispatch("add", 1)).rejects.toMatchObject({
      code: "CLOSED",
      message: "CLOSED (a development build says more)",
    });
  });
});
