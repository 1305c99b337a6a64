import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { AppChange } from "./app/compare-apps.ts";
import { RECORD_FILE } from "./app/deployed-record.ts";
import { holdfast, project, type Said, usePackagesWithoutAccount, WORKER } from "./cli.fixture.ts";

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
        worker: "app",
        classes: ["ModuleObject"],
        modules: [
          {
            name: "counter",
            stored: "counter",
            keys: "global",
            kept: "instance",
            version: 1,
            state: ["count"],
          },
        ],
        connections: [],
        warnings: [],
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
      "export default createWorker({ modules });",
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

/** An app of some modules, and a wrangler that needs no account. */
function deployable(worker: string): {
  readonly cwd: string;
  readonly write: (worker: string) => void;
  readonly deploy: (...args: readonly string[]) => Promise<Said & { changes: AppChange[] }>;
} {
  const config = `{ "name": "app", "main": "worker.ts", "compatibility_date": "2026-10-01",
    "compatibility_flags": ["nodejs_als"],
    "exports": { "ModuleObject": { "type": "durable-object", "storage": "sqlite" },
      "RoomObject": { "type": "durable-object", "storage": "sqlite" },
      "UserConnection": { "type": "durable-object", "storage": "sqlite" } } }`;
  const cwd = project({ "worker.ts": worker, "wrangler.jsonc": config });
  rmSync(join(cwd, "node_modules"));
  usePackagesWithoutAccount(cwd);
  return {
    cwd,
    write: (text) => writeFileSync(join(cwd, "worker.ts"), text),
    deploy: async (...args) => {
      const said = await holdfast(["deploy", "--json", ...args], { cwd });
      const { changes = [] } = JSON.parse(said.printed) as { changes?: AppChange[] };
      return { ...said, changes };
    },
  };
}

/** The Worker of an app with these modules, and this connection. */
function appWith(
  modules: string,
  connection = '{ name: "UserConnection", state: { theme: "dark" }, extractMeta }',
): string {
  return `
import { action, app, defineConnection, durableObjectStore, field, global, named, System } from "@holdfast/server";
import { createConnectionHandler, createWorker } from "@holdfast/server/cloudflare";
import { DurableObject, env } from "cloudflare:workers";
import page from "./page.html";
const extractMeta = (request, { user }) => ({ userId: user.id });
const list = (options = {}) => app.defineState({ items: [] }, options);
class Tasks extends System { @field open = 0; @action() add() { this.open++; } }
export class Own extends DurableObject {}
const connections = { user: defineConnection(${connection}) };
console.log("the app says something", env, page);
const holdfast = createWorker({ modules: ${modules}, connections });
export const { ModuleObject, RoomObject } = holdfast;
export const UserConnection = createConnectionHandler(connections.user);
export default holdfast;
setInterval(() => {}, 1000);`;
}

describe("holdfast deploy, on what is online", () => {
  const TODOS = "{ todos: list().persist(durableObjectStore(named())).build(), tasks: Tasks }";

  test("writes down what was deployed, and shows what is new the next time", async () => {
    const { cwd, write, deploy } = deployable(appWith(TODOS));
    writeFileSync(join(cwd, "page.html"), "<p>");
    const first = await deploy("--yes");
    expect(first.noted).toContain(`there is no ${RECORD_FILE} that says so`);
    expect(first.code).toBe(0);
    const record = JSON.parse(readFileSync(join(cwd, RECORD_FILE), "utf8")) as {
      workers: Record<string, { modules: { name: string; keys: string }[] }>;
    };
    expect(record.workers["app"]?.modules).toMatchObject([
      { name: "todos", keys: "named", state: ["items"] },
      { name: "tasks", keys: "named", state: ["open"] },
    ]);
    expect(record.workers["app"]).toMatchObject({
      connections: [{ name: "user", binding: "UserConnection", state: ["theme"] }],
    });
    expect((await deploy("--yes")).changes).toEqual([]);
    write(appWith(TODOS.replace("{", "{ chat: list().build(),")));
    const third = await deploy("--yes");
    expect(third.changes).toEqual([
      { what: "module", name: "chat", change: "new", detail: "session" },
    ]);
    expect(third.noted).toMatch(/^\+ module +chat +session +ephemeral +new$/m);
  });

  test("a module or connection that goes, or goes by another name, is warned of, and asked about", async () => {
    const { cwd, write, deploy } = deployable(appWith(TODOS));
    writeFileSync(join(cwd, "page.html"), "<p>");
    await deploy("--yes");
    write(
      appWith(
        "{ lists: list().persist(durableObjectStore(named())).build() }",
        '{ name: "Users", connectionBinding: "UserConnection", state: { theme: "dark" }, extractMeta }',
      ),
    );
    const asked = await deploy();
    expect(asked.code).toBe(2);
    expect(asked.noted).toMatch(/"todos" seems to be called "lists" now[^]*name: "todos"/);
    expect(asked.noted).toMatch(/The module "tasks" is online, and is not there any more/);
    expect(asked.noted).toMatch(
      /connection "user" has another class, or another name[^]*"UserConnection"/,
    );
    // As the warning says.
    write(
      appWith(
        '{ lists: list({ name: "todos" }).persist(durableObjectStore(named())).build(), tasks: Tasks }',
      ),
    );
    const kept = await deploy("--yes");
    expect(kept.changes).toMatchObject([{ name: "lists", detail: "clients called it todos" }]);
  });

  test("what was not deployed is not written down", async () => {
    const { cwd, deploy } = deployable(appWith(TODOS));
    writeFileSync(join(cwd, "page.html"), "<p>");
    writeFileSync(join(cwd, "node_modules/wrangler/bin/wrangler.js"), "process.exitCode = 1");
    expect((await deploy("--yes")).code).toBe(1);
    expect(readdirSync(cwd)).not.toContain(RECORD_FILE);
  });

  test("other environments are other Workers", async () => {
    const { cwd, deploy } = deployable(appWith(TODOS));
    writeFileSync(join(cwd, "page.html"), "<p>");
    await deploy("--yes", "--env", "staging");
    await deploy("--yes");
    const { workers } = JSON.parse(readFileSync(join(cwd, RECORD_FILE), "utf8")) as {
      workers: object;
    };
    expect(Object.keys(workers)).toEqual(["app-staging", "app"]);
  });

  test("a connection whose class is not exported is not deployed", async () => {
    const { cwd, deploy } = deployable(
      appWith(TODOS).replace("export const UserConnection", "export const Users"),
    );
    writeFileSync(join(cwd, "page.html"), "<p>");
    const { code, noted } = await deploy("--yes");
    expect(code).toBe(1);
    expect(noted).toMatch(/exported as Users, and looked for as UserConnection/);
  });

  test("modules that cannot be read are said to be unknown, and deployed all the same", async () => {
    const { cwd, deploy } = deployable(appWith(TODOS));
    const { code, noted } = await deploy("--yes");
    expect(noted).toMatch(/Warning: The app's modules could not be read \(.*page\.html/);
    expect(code).toBe(0);
    expect(readdirSync(cwd)).not.toContain(RECORD_FILE);
  });
});
