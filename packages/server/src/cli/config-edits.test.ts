import { parse } from "jsonc-parser";
import { describe, expect, test } from "vitest";
import { configFor, type WorkerConfig } from "../config/worker-config.ts";
import { additionsTo, withAdditions } from "./config-edits.ts";

/** A text, with what it lacks for these classes. */
function completed(text: string, classes: readonly string[]): string {
  const config = parse(text) as WorkerConfig;
  return withAdditions(text, additionsTo(config, configFor(config, classes)));
}

describe("what a configuration lacks is added", () => {
  test("and every comment stays where it was", () => {
    const text = `{
  // Our name.
  "name": "app", /* and so on */
  "compatibility_flags": [
    "nodejs_als", // needed
  ],
  "exports": {
    // Ours.
    "Own": { "type": "durable-object", "storage": "sqlite" },
  },
}
`;
    const edited = completed(text, ["Own", "ModuleObject"]);
    for (const comment of ["// Our name.", "/* and so on */", "// needed", "// Ours."]) {
      expect(edited).toContain(comment);
    }
    expect(parse(edited)).toMatchObject({
      exports: { Own: {}, ModuleObject: { type: "durable-object", storage: "sqlite" } },
      compatibility_flags: ["nodejs_als"],
    });
  });

  test("behind what is there: flags, bindings, migrations", () => {
    const text = `{
  "compatibility_flags": ["other"],
  "durable_objects": { "bindings": [{ "name": "ROOM", "class_name": "Room" }] },
  "migrations": [
    // The first.
    { "tag": "v1", "new_sqlite_classes": ["Room"] }
  ]
}`;
    const edited = completed(text, ["Room", "ModuleObject"]);
    expect(edited).toContain("// The first.");
    expect(parse(edited)).toEqual({
      compatibility_flags: ["other", "nodejs_als"],
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

  test("once: what lacks nothing stays as it is, to the byte", () => {
    const once = completed('{ "name": "app", "assets": {} }', ["ModuleObject"]);
    expect(completed(once, ["ModuleObject"])).toBe(once);
  });
});
