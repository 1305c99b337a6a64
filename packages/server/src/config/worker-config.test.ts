import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { holdfastWorker } from "../vite/holdfast-worker.ts";
import { lowerDecorators } from "../vite/lower-decorators.ts";
import { configFor, type WorkerConfig } from "./worker-config.ts";

describe("the configuration of a Worker", () => {
  test("a new app gets the class, the flag and the routes", () => {
    expect(configFor({ assets: {} }, ["ModuleObject"])).toEqual({
      compatibility_flags: ["nodejs_als"],
      assets: { run_worker_first: ["/holdfast/*"] },
      exports: { ModuleObject: { type: "durable-object", storage: "sqlite" } },
    });
  });

  test("nothing is added to what is configured already", () => {
    const config: WorkerConfig = {
      compatibility_flags: ["nodejs_compat"],
      assets: { run_worker_first: true },
      exports: { ModuleObject: { type: "durable-object", storage: "sqlite" } },
    };
    expect(configFor(config, ["ModuleObject"])).toEqual({});
  });

  test("a project with migrations goes on with them, behind those that ran", () => {
    const config: WorkerConfig = {
      durable_objects: { bindings: [{ name: "ROOM", class_name: "Room" }] },
      migrations: [{ tag: "v1", new_sqlite_classes: ["Room"] }],
    };
    expect(configFor(config, ["Room", "ModuleObject"])).toMatchObject({
      durable_objects: {
        bindings: [
          { name: "ROOM", class_name: "Room" },
          { name: "ModuleObject", class_name: "ModuleObject" },
        ],
      },
      migrations: [
        { tag: "v1", new_sqlite_classes: ["Room"] },
        { tag: "holdfast-ModuleObject", new_sqlite_classes: ["ModuleObject"] },
      ],
    });
  });

  test("a class that holds data without SQLite is never touched", () => {
    const config: WorkerConfig = { migrations: [{ tag: "v1", new_classes: ["ModuleObject"] }] };
    expect(() => configFor(config, ["ModuleObject"])).toThrow(/without SQLite/);
  });

  test("routes that an app has are kept", () => {
    const { assets } = configFor({ assets: { run_worker_first: ["/api/*"] } }, []);
    expect(assets).toEqual({ run_worker_first: ["/api/*", "/holdfast/*"] });
  });
});

describe("the entry of a Worker", () => {
  const directory = mkdtempSync(join(tmpdir(), "holdfast-entry-"));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  const entry = (code: string): string => {
    const main = join(directory, "worker.ts");
    writeFileSync(main, code);
    return main;
  };

  test("its classes are registered in place", () => {
    const config = {
      main: entry(
        "const h = createWorker({}); export const { ModuleObject } = h; export default h;",
      ),
    };
    holdfastWorker()(config);
    expect(config).toMatchObject({ exports: { ModuleObject: {} } });
  });

  test("one that forgets to export its class is told what to add", () => {
    const config = { main: entry("export default createWorker({ modules });") };
    expect(() => holdfastWorker()(config)).toThrow(
      /does not export its class. Add: export const ModuleObject = holdfast\.ModuleObject;/,
    );
  });

  test("decorators that nothing lowers are found before they reach an engine, and no longer once the plugin is there", () => {
    const config = {
      main: entry(
        "const h = createWorker({}); export const { ModuleObject } = h; export default h;",
      ),
    };
    const file = join(directory, "tasks.ts");
    writeFileSync(file, "export class Tasks extends System { @field n = 0; }");
    expect(() => holdfastWorker()({ ...config })).toThrow(
      /tasks\.ts has decorators, which no engine runs.*Add holdfast\(\)/,
    );
    lowerDecorators();
    holdfastWorker()(config);
    expect(config).toMatchObject({ exports: { ModuleObject: {} } });
    rmSync(file);
  });

  test("one that exports it under another name is told where it is looked for", () => {
    const config = { main: entry("export const { ModuleObject: Things } = createWorker({});") };
    expect(() => holdfastWorker()(config)).toThrow(
      /exported under the name Things, where nobody looks for it. Export it as ModuleObject/,
    );
  });
});
