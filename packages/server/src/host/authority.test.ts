import { HoldfastError } from "@holdfast/protocol";
import { describe, expect, test } from "vitest";
import { app } from "../module/builder.ts";
import { global } from "../module/key-strategy.ts";
import { asyncSchemaOf, schemaOf, TEXT } from "../module/schema.fixture.ts";
import { durableObjectStore } from "../module/store.ts";
import { settled, TestInstance } from "./host.fixture.ts";
import { action } from "./test-module.fixture.ts";

interface Club {
  members: string[];
  log: unknown[];
}

const club: Club = { members: ["alice"], log: [] };
const base = app.defineState(club).persist(durableObjectStore(global()));
const start = { members: ["alice"], log: [] };

function outcome(instance: TestInstance, who: string, name: string, payload?: never): unknown {
  const page = instance.join(who, "c1");
  page.take();
  instance.say(page, action(1, name, payload));
  return page.take().at(-1);
}

describe("[G16] authorize", () => {
  const members = base
    .authorize(({ session, state }) => state.members.includes(session.id))
    .onAction("leave", ({ state, session }) => {
      state.members = state.members.filter((one) => one !== session.id);
    })
    .onAction("note", ({ state }, text: string) => void state.log.push(text))
    .onAction("noteLater", async ({ state }, text: string) => {
      await Promise.resolve();
      state.log.push(text);
    })
    .build();

  test("decides with the state who may connect", () => {
    const instance = new TestInstance(members);
    const eve = instance.join("eve", "c2");
    expect(eve.closed).toMatchObject({ code: 4403, reason: "FORBIDDEN" });
    expect(eve.take()).toMatchObject([{ type: "error", error: { code: "FORBIDDEN" } }]);
    expect(instance.join("alice", "c1").closed).toBeUndefined();
    expect(instance.aborts).toEqual([]);
  });

  test("decides for every action, by the state that the ones before it left", () => {
    const instance = new TestInstance(members);
    const alice = instance.join("alice", "c1");
    alice.take();
    instance.say(alice, action(1, "note", "a"), action(2, "leave"), action(3, "note", "b"));
    expect(alice.take()).toMatchObject([
      { type: "commit" },
      { type: "ack", seq: 1 },
      { type: "commit" },
      { type: "ack", seq: 2 },
      { type: "reject", seq: 3, error: { code: "FORBIDDEN" } },
    ]);
  });

  test("decides for asynchronous actions, too", async () => {
    const instance = new TestInstance(members);
    const alice = instance.join("alice", "c1");
    instance.say(alice, action(1, "noteLater", "a"));
    await settled();
    instance.say(alice, action(2, "leave"), action(3, "noteLater", "b"));
    await settled();
    expect(alice.take().filter(({ type }) => type === "reject")).toMatchObject([
      { seq: 3, error: { code: "FORBIDDEN" } },
    ]);
  });

  test("an action's own is asked behind the module's, with the payload that its input made", () => {
    const asked: unknown[] = [];
    const module = base
      .authorize((request) => {
        if (request.type === "action") asked.push("module");
        return true;
      })
      .onAction(
        "note",
        {
          input: TEXT,
          authorize: (request) => {
            asked.push(request.type === "action" && request.payload);
            return request.state.log.length === 0;
          },
        },
        ({ state }, { text, at }) => void state.log.push(text, at),
      )
      .build();
    const instance = new TestInstance(module);
    const alice = instance.join("alice", "c1");
    alice.take();
    instance.say(alice, action(1, "note", { text: " a " }), action(2, "note", { text: "b" }));
    expect(alice.take()).toMatchObject([
      { type: "commit" },
      { type: "ack" },
      { type: "reject", error: { code: "FORBIDDEN" } },
    ]);
    expect(asked).toEqual(["module", { text: "a", at: 7 }, "module", { text: "b", at: 7 }]);
  });

  test.each<[string, () => boolean, string]>([
    ["refuses in its own words", () => refuse("Members only."), "Members only."],
    ["that fails refuses", () => fail(), "failed on the server"],
    ["that returns what is nearly true refuses", () => 1 as never, "may not"],
    ["that is asynchronous refuses", () => Promise.resolve(true) as never, "synchronous"],
  ])("a function %s", (_what, decide, message) => {
    let isConnected = false;
    const module = base
      .authorize(() => !isConnected || decide())
      .onAction("note", ({ state }) => void state.log.push("x"))
      .build();
    const instance = new TestInstance(module);
    const alice = instance.join("alice", "c1");
    isConnected = true;
    alice.take();
    instance.say(alice, action(1, "note"));
    expect(alice.take()).toMatchObject([
      { type: "reject", error: { message: expect.stringContaining(message) } },
    ]);
    isConnected = false;
    expect(instance.join("bob", "c2").take()).toMatchObject([{ state: start }]);
  });

  test("[G19] one that fails for who connects refuses, and says nothing of why", () => {
    const instance = new TestInstance(base.authorize(() => fail()).build());
    const alice = instance.join("alice", "c1");
    expect(alice.closed?.reason).toBe("FORBIDDEN");
    expect(alice.frames.join()).not.toContain("srv");
    expect(String(instance.reports)).toContain("srv");
    expect(instance.aborts).toEqual([]);
  });

  test("[G4] what it writes is not written", () => {
    const module = base
      .authorize(({ state }) => state.log.push("trace") > 0)
      .onAction("note", () => 1)
      .build();
    const instance = new TestInstance(module);
    const alice = instance.join("alice", "c1");
    expect(alice.closed?.reason).toBe("DEFINITION_INVALID");
    const kind = base
      .authorize(({ type, state }) => type === "connect" || state.log.push("trace") > 0)
      .onAction("note", () => 1)
      .build();
    const other = new TestInstance(kind);
    expect(outcome(other, "alice", "note")).toMatchObject({
      error: { code: "DEFINITION_INVALID" },
    });
    expect(other.join("bob", "c2").take()).toMatchObject([{ state: start }]);
  });
});

describe("[G16] input", () => {
  const module = base
    .onAction("note", { input: TEXT }, ({ state }, { text }) => void state.log.push(text))
    .onAction("later", { input: asyncSchemaOf<string>(upper) }, async ({ state }, text) => {
      state.log.push(text);
      return text;
    })
    .onAction("wrong", { input: asyncSchemaOf<string>(upper) }, ({ state }, text) => {
      state.log.push(text);
    })
    .onAction(
      "broken",
      { input: { "~standard": { ...schemaOf<string>(upper)["~standard"], validate: fail } } },
      () => 1,
    )
    .build();

  test("the handler is given what the schema made of the payload", () => {
    const instance = new TestInstance(module);
    const alice = instance.join("alice", "c1");
    alice.take();
    instance.say(alice, action(1, "note", { text: " hello " }));
    expect(alice.take()).toMatchObject([{ patches: [{ value: "hello" }] }, { type: "ack" }]);
  });

  test.each([undefined, null, 7, {}, { text: "  " }, { text: ["a"] }, new Map([["text", "a"]])])(
    "a payload that does not pass is refused, with what is wrong where, and changes nothing: %o",
    (payload) => {
      expect(outcome(new TestInstance(module), "alice", "note", payload as never)).toMatchObject({
        type: "reject",
        error: {
          code: "INPUT_INVALID",
          message: expect.stringContaining("text.0: has to be a text"),
        },
      });
    },
  );

  test("a schema may be asynchronous where the action is", async () => {
    const instance = new TestInstance(module);
    const alice = instance.join("alice", "c1");
    instance.say(alice, action(1, "later", "a"), action(2, "later", 7));
    await settled();
    const answers = alice.take().filter(({ type }) => type === "ack" || type === "reject");
    expect(answers).toHaveLength(2);
    expect(answers).toContainEqual(expect.objectContaining({ seq: 1, type: "ack", result: "A" }));
    expect(answers).toContainEqual(
      expect.objectContaining({
        seq: 2,
        error: { code: "INPUT_INVALID", message: expect.stringContaining("has to be a text") },
      }),
    );
    expect(outcome(new TestInstance(module), "alice", "wrong", "a" as never)).toMatchObject({
      error: { code: "DEFINITION_INVALID" },
    });
  });

  test("[G19] a schema that throws tells its caller nothing", () => {
    const instance = new TestInstance(module);
    const answer = outcome(instance, "alice", "broken", "a" as never);
    expect(answer).toMatchObject({ error: { code: "ACTION_FAILED" } });
    expect(JSON.stringify(answer)).not.toContain("srv");
  });
});

function upper(value: unknown): string {
  if (typeof value !== "string") throw new Error("has to be a text");
  return value.toUpperCase();
}

function refuse(message: string): never {
  throw new HoldfastError("FORBIDDEN", message);
}

function fail(): never {
  throw new Error("secret at /srv/app.ts");
}
