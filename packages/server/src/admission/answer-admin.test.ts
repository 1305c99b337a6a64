import { DEFAULT_LIMITS } from "@holdfast/protocol";
import { describe, expect, test, vi } from "vitest";
import type { AdminTask } from "../host/administration.ts";
import { app, defineConnection, durableObjectStore, global, named } from "../index.ts";
import { answerAdmin } from "./answer-admin.ts";

const TOKEN = "an operator's token, long enough";
const modules = {
  counter: app.defineState({ count: 0 }).persist(durableObjectStore(global())).build(),
  room: app.defineState({}, { version: 2 }).persist(durableObjectStore(named())).build(),
};

const connections = {
  user: defineConnection({
    name: "user",
    connectionBinding: "UserConnection",
    state: {},
    version: 3,
    extractMeta: () => ({ userId: "ann" }),
  }),
};

interface Asked {
  readonly response: Response | undefined;
  readonly tasks: readonly [name: string, task: AdminTask][];
}

async function ask(
  path: string,
  { token = TOKEN as unknown, brought = `Bearer ${TOKEN}`, method = "GET", body = "" } = {},
): Promise<Asked> {
  const tasks: [string, AdminTask][] = [];
  const request = new Request(`https://app.example/holdfast/admin/${path}`, {
    method,
    headers: { Authorization: brought },
    ...(body === "" ? {} : { body }),
  });
  const response = await answerAdmin(request, {
    token,
    modules,
    connections,
    limits: { ...DEFAULT_LIMITS, assembledBytes: 1_000 },
    inspectRoom: async (room) => ({ room, members: 2, isDelivering: false }),
    ask: async ({ name, binding = "" }, task) => {
      tasks.push([binding + name, task]);
      return { type: "done", text: task.type === "import" ? "" : `{"of":"${name}"}` };
    },
  });
  return { response, tasks };
}

describe("[G18] the admin surface is not there", () => {
  test.each([
    ["where no token is set", { token: null }],
    ["where the token is empty", { token: "", brought: "Bearer " }],
    ["for nobody", { brought: "" }],
    ["for another token", { brought: `Bearer ${TOKEN.slice(0, -1)}!` }],
    ["for the beginning of it", { brought: `Bearer ${TOKEN.slice(0, -1)}` }],
    ["for the token and more", { brought: `Bearer ${TOKEN}x` }],
    ["for the token in another form", { brought: TOKEN }],
  ])("%s", async (_, options) => {
    for (const path of ["inspect", "export?module=counter", "inspect?module=counter"]) {
      expect(await ask(path, options)).toEqual({ response: undefined, tasks: [] });
    }
  });

  test("where the token is short enough to be guessed; the log says so, and not what it is", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const token = "short secret token";
    expect(await ask("inspect", { token, brought: `Bearer ${token}` })).toMatchObject({
      response: undefined,
    });
    expect(warn).toHaveBeenCalledOnce();
    expect(JSON.stringify(warn.mock.calls)).not.toContain(token);
    warn.mockRestore();
  });
});

describe("the admin surface", () => {
  test("names the modules", async () => {
    const { response } = await ask("inspect");
    expect(await response?.json()).toMatchObject({
      modules: [
        { name: "counter", stored: "counter", keys: "global", version: 1 },
        { name: "room", keys: "named", version: 2 },
        { name: "connection:user", keys: "user", version: 3 },
      ],
    });
  });

  test("looks at a room, where one is named", async () => {
    const { response } = await ask("inspect?room=a%20b");
    expect(await response?.json()).toEqual({ room: "a b", members: 2, isDelivering: false });
    expect((await ask("inspect?room=")).response?.status).toBe(400);
  });

  test("tells of the latest commits as many as are asked for, and a thousand at most", async () => {
    for (const [asked, commits] of [
      ["", 0],
      ["&commits=20", 20],
      ["&commits=-1", 0],
      ["&commits=many", 0],
      ["&commits=5000", 1_000],
    ] as const) {
      // oxlint-disable-next-line no-await-in-loop -- One after the other.
      const { tasks } = await ask(`inspect?module=counter${asked}`);
      expect(tasks).toEqual([["counter/", { type: "inspect", commits }]]);
    }
  });

  test("brings a task to the instance that is named, and its answer back, for no cache", async () => {
    const { response, tasks } = await ask("export?module=room&key=a%2Fb");
    expect(tasks).toEqual([["room/a%2Fb", { type: "export" }]]);
    expect(await response?.json()).toEqual({ of: "room/a%2Fb" });
    expect(response?.headers.get("Cache-Control")).toBe("no-store");
    const imported = await ask("import?module=counter", { method: "POST", body: "the backup" });
    expect(imported.tasks).toEqual([["counter/", { type: "import", backup: "the backup" }]]);
    expect(imported.response?.status).toBe(204);
  });

  test("brings a task to one user's instance of a connection", async () => {
    const { response, tasks } = await ask("export?module=connection:user&key=user:ann");
    expect(tasks).toEqual([["UserConnectionuser/user%3Aann", { type: "export" }]]);
    expect(response?.status).toBe(200);
  });

  test.each([
    ["a connection that is not there", "inspect?module=connection:nobody&key=user:ann", 404],
    ["a connection without a user", "inspect?module=connection:user", 400],
    ["a key that is no user's", "inspect?module=connection:user&key=ann", 400],
    ["a module that is not there", "inspect?module=nothing", 404],
    ["a module of Object's", "inspect?module=constructor", 404],
    ["no key", "export?module=room", 400],
    ["a key too many", "export?module=counter&key=a", 400],
  ])("refuses %s in words", async (_, path, status) => {
    const { response, tasks } = await ask(path);
    expect(tasks).toEqual([]);
    expect(response?.status).toBe(status);
    expect(await response?.json()).toMatchObject({ error: { message: expect.any(String) } });
  });

  test("[G14] reads no more of a backup than it may be long", async () => {
    const { response, tasks } = await ask("import?module=counter", {
      method: "POST",
      body: "x".repeat(1_001),
    });
    expect(tasks).toEqual([]);
    expect(response?.status).toBe(413);
  });

  test("does nothing else: not by another method, not another task", async () => {
    for (const [path, method] of [
      ["import?module=counter", "GET"],
      ["export?module=counter", "POST"],
      ["destroy?module=counter", "POST"],
      ["", "GET"],
    ] as const) {
      expect(await ask(path, { method })).toEqual({ response: undefined, tasks: [] });
    }
  });
});
