import { describe, expect, test } from "vitest";
import type { Finding } from "./finding.ts";
import { holdfast, project, WORKER } from "./cli.fixture.ts";

const CONFIG = {
  main: "src/worker.ts",
  compatibility_date: "2026-07-01",
  exports: { ModuleObject: { type: "durable-object", storage: "sqlite" } },
  compatibility_flags: ["nodejs_als"],
};
/** An entry whose connection nobody finds. */
const CONNECTED = `
import { defineConnection } from "@holdfast/server";
import { createConnectionHandler, createWorker } from "@holdfast/server/cloudflare";
const connections = {
  user: defineConnection({
    name: "UserConnection", state: { said: 0 }, extractMeta: (_, { user }) => ({ userId: user.id }),
  }),
};
const holdfast = createWorker({ modules: {}, connections });
export const { ModuleObject, RoomObject } = holdfast;
export const Users = createConnectionHandler(connections.user);
export default holdfast;
`;
const SYSTEM = "export class Tasks extends System { @field n = 0; @action() add() {} }";

async function examined(
  config: object,
  files: Readonly<Record<string, string>> = {},
): Promise<{ code: number; findings: Record<string, Finding> }> {
  const cwd = project({
    "src/worker.ts": WORKER,
    "wrangler.jsonc": JSON.stringify(config),
    ...files,
  });
  const { code, printed } = await holdfast(["doctor", "--json"], { cwd });
  const { findings } = JSON.parse(printed) as { findings: Finding[] };
  return { code, findings: Object.fromEntries(findings.map((one) => [one.check, one])) };
}

describe("holdfast doctor", () => {
  test("finds nothing wrong where nothing is, and says so in plain lines", async () => {
    const cwd = project({
      "src/worker.ts": WORKER,
      "src/tasks.ts": SYSTEM,
      ".dev.vars": "HOLDFAST_SECRET=x\n",
      "wrangler.jsonc": JSON.stringify(CONFIG),
    });
    const { code, printed } = await holdfast(["doctor"], { cwd });
    expect(printed.split("\n").filter((line) => !line.startsWith("✓ "))).toEqual([]);
    expect(code).toBe(0);
  });

  test.each([
    [
      "a missing export",
      "export",
      {},
      { "src/worker.ts": "export default createWorker({ modules });" },
      /export const ModuleObject/,
    ],
    [
      "a class that nobody finds under its name",
      "export",
      {},
      { "src/worker.ts": WORKER.replace("const ModuleObject", "const Modules") },
      /Export it as ModuleObject/,
    ],
    [
      "a worker that is not exported",
      "export",
      {},
      { "src/worker.ts": WORKER.replace("export default holdfast;", "") },
      /export default holdfast/,
    ],
    [
      "connections without a class",
      "export",
      {},
      {
        "src/worker.ts": CONNECTED.replace("export const Users", "const Users"),
      },
      /createConnectionHandler\(connections\.user\)/,
    ],
    [
      "a connection whose class has another name",
      "connections",
      {
        exports: {
          ...CONFIG.exports,
          Users: CONFIG.exports.ModuleObject,
          RoomObject: CONFIG.exports.ModuleObject,
        },
      },
      { "src/worker.ts": CONNECTED },
      /export const UserConnection = createConnectionHandler\(connections\.user\)/,
    ],
    [
      "a class that is not registered",
      "registration",
      { exports: undefined },
      {},
      /holdfast deploy/,
    ],
    [
      "a class of the old kind",
      "registration",
      { exports: undefined, migrations: [{ tag: "1", new_classes: ["ModuleObject"] }] },
      {},
      /without SQLite/,
    ],
    [
      "no compatibility date",
      "compatibility date",
      { compatibility_date: undefined },
      {},
      /"compatibility_date": "20/,
    ],
    [
      "one from before objects are found by their class",
      "compatibility date",
      { compatibility_date: "2025-11-16" },
      {},
      /"compatibility_date": "20/,
    ],
    [
      "a missing flag where there are systems",
      "compatibility flags",
      { compatibility_flags: [] },
      { "src/tasks.ts": SYSTEM },
      /nodejs_als/,
    ],
    [
      "decorators that Vite hands on",
      "decorators",
      {},
      { "src/tasks.ts": SYSTEM, "vite.config.ts": "export default {}" },
      /holdfast\(\)/,
    ],
    [
      "a secret in the configuration",
      "secret",
      { vars: { HOLDFAST_SECRET: "oh" } },
      {},
      /wrangler secret put/,
    ],
    ["an entry that is not there", "entry", { main: "src/other.ts" }, {}, /other\.ts is not there/],
  ])("finds %s, and says how to mend it", async (_, check, config, files, mend) => {
    const { code, findings } = await examined({ ...CONFIG, ...config }, files);
    expect(findings[check]).toMatchObject({ level: "error", mend: expect.stringMatching(mend) });
    expect(code).toBe(1);
  });

  test("modules that cannot be read are a warning, with the reason", async () => {
    const { code, findings } = await examined(CONFIG, {
      "src/worker.ts": WORKER.replace(
        "const counter",
        "throw new Error('no tide');\nconst counter",
      ),
    });
    expect(findings["modules"]).toMatchObject({
      level: "warning",
      what: expect.stringContaining("no tide"),
    });
    expect(code).toBe(0);
  });

  test("finds two copies of workerd, and who brings them", async () => {
    const manifest = (path: string): [string, string] => [
      `node_modules/${path}/package.json`,
      "{}",
    ];
    const one = ["wrangler", "miniflare", "workerd", "@cloudflare/vite-plugin"].map(manifest);
    const { findings } = await examined(CONFIG, Object.fromEntries(one));
    expect(findings["workerd"]).toMatchObject({ level: "ok" });
    const two = [...one, manifest("@cloudflare/vite-plugin/node_modules/workerd")];
    const found = await examined(CONFIG, Object.fromEntries(two));
    expect(found.findings["workerd"]).toMatchObject({
      level: "error",
      what: expect.stringMatching(/2 copies.*of wrangler.*of @cloudflare\/vite-plugin/),
      mend: expect.stringContaining("npm dedupe"),
    });
    expect(found.code).toBe(1);
  });

  test("a secret that cannot be seen from here is a warning, and no failure", async () => {
    const { code, findings } = await examined(CONFIG);
    expect(findings["secret"]).toMatchObject({ level: "warning" });
    expect(code).toBe(0);
  });

  test("what Vite's plugin sees to needs no configuration", async () => {
    const { code, findings } = await examined(
      { main: CONFIG.main, compatibility_date: "2026-07-01" },
      {
        "src/tasks.ts": SYSTEM,
        "vite.config.ts":
          "export default { plugins: [holdfast(), cloudflare({ config: holdfastWorker() })] }",
      },
    );
    expect(findings).toMatchObject({
      registration: { level: "ok" },
      "compatibility flags": { level: "ok" },
      decorators: { level: "ok" },
    });
    expect(code).toBe(0);
  });
});
