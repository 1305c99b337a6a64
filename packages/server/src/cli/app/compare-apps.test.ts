import { describe, expect, test } from "vitest";
import type { ModuleDescription } from "../../module/describe-module.ts";
import { type AppChange, compareApps } from "./compare-apps.ts";

const TODOS: ModuleDescription = {
  name: "todos",
  stored: "todos",
  keys: "named",
  kept: "instance",
  version: 2,
  state: ["items", "title"],
};

function changed(now: Partial<ModuleDescription>): AppChange[] {
  const modules = [{ ...TODOS, ...now }];
  return compareApps({ modules: [TODOS], connections: [] }, { modules, connections: [] });
}

describe("what deploying an app changes", () => {
  test.each([
    ["nothing", {}, []],
    ["other keys", { keys: "user" }, [["keys: named → user", /stays under the old ones/]]],
    ["persisted no longer", { kept: "no", state: [] }, [["persisted → ephemeral", /goes back/]]],
    ["a store more", { kept: "store" }, [["persisted → persisted, with a store", undefined]]],
    ["a new version", { version: 3 }, [["version: 2 → 3", undefined]]],
    ["an old version", { version: 1 }, [["version: 2 → 1", /SCHEMA_TOO_NEW/]]],
    ["a key less", { state: ["items"] }, [["kept no more: title", undefined]]],
    ["another name for clients", { name: "lists" }, [["clients called it todos", /loaded again/]]],
    ["another name", { name: "lists", stored: "lists" }, [["was todos", /name: "todos"/]]],
  ] as const)("%s", (_, now, expected) => {
    expect(changed(now).map(({ detail, warning }) => [detail, warning])).toEqual(
      expected.map(([detail, warning]) => [detail, warning && expect.stringMatching(warning)]),
    );
  });

  test("another shape under another name is no rename: one is gone, one is new", () => {
    const changes = changed({ name: "notes", stored: "notes", state: ["text"] });
    expect(changes).toMatchObject([
      { name: "todos", change: "gone", warning: expect.stringMatching(/holdfast export todos/) },
      { name: "notes", change: "new" },
    ]);
  });

  test("what is not kept leaves nothing behind", () => {
    const modules = [{ ...TODOS, kept: "no", state: [] }] as const;
    const [gone] = compareApps({ modules, connections: [] }, { modules: [], connections: [] });
    expect(gone).toMatchObject({ change: "gone" });
    expect(gone?.warning).toBeUndefined();
  });

  test("a connection is its class and its name", () => {
    const user = { ...TODOS, name: "user", stored: "User", binding: "UserConnection" };
    const compared = (now: typeof user): AppChange[] =>
      compareApps({ modules: [], connections: [user] }, { modules: [], connections: [now] });
    expect(compared({ ...user, name: "person" })).toMatchObject([{ change: "different" }]);
    expect(compared({ ...user, binding: "Person" })).toMatchObject([
      { change: "renamed", warning: expect.stringMatching(/connectionBinding: "UserConnection"/) },
    ]);
  });
});
