import { HoldfastError } from "@holdfast/protocol";
import { describe, expect, expectTypeOf, test } from "vitest";
import { app } from "./builder.ts";
import type { AppOf, ContractOf } from "./definition.ts";
import { global, named } from "./key-strategy.ts";
import { TEXT } from "./schema.fixture.ts";
import { durableObjectStore } from "./store.ts";

const counter = app
  .defineState({ count: 0 })
  .persist(durableObjectStore(global()))
  .onAction("increment", ({ state }, by: number = 1) => {
    state.count += by;
    return state.count;
  })
  .onAction("reset", ({ state }) => {
    state.count = 0;
  })
  .build();

const chat = app
  .defineState({ messages: [] as { author: string; text: string }[] })
  .persist(durableObjectStore(named()))
  .onAction("send", ({ state }, message: { author: string; text: string }) => {
    state.messages.push(message);
  })
  .build();

describe("types", () => {
  test("an app's types hold state, payloads, results and keys of its modules", () => {
    const modules = { counter, chat };
    type App = AppOf<typeof modules>;
    type Counter = App["modules"]["counter"];
    expectTypeOf<Counter["state"]>().toEqualTypeOf<{ count: number }>();
    expectTypeOf<Counter["keys"]>().toEqualTypeOf<"fixed">();
    expectTypeOf<Counter["actions"]["increment"]["parameters"]>().toEqualTypeOf<
      [by?: number | undefined]
    >();
    expectTypeOf<Counter["actions"]["increment"]["result"]>().toEqualTypeOf<number>();
    expectTypeOf<Counter["actions"]["reset"]["parameters"]>().toEqualTypeOf<[]>();
    expectTypeOf<Counter["actions"]["reset"]["result"]>().toEqualTypeOf<void>();
    type Chat = App["modules"]["chat"];
    expectTypeOf<Chat["keys"]>().toEqualTypeOf<"named">();
    expectTypeOf<Chat["actions"]["send"]["parameters"]>().toEqualTypeOf<
      [message: { author: string; text: string }]
    >();
  });

  test("clients do not see the types of private keys either", () => {
    const secretive = app
      .defineState({ shown: 1, pin: "", deck: [""] })
      .persist(durableObjectStore(global()))
      .private(["pin"])
      .private(["deck"])
      .view(({ user, session }) => ({ hide: [["shown", user.id]], show: [session.id] }))
      .onAction("read", ({ state }) => state.pin.length)
      .build();
    const modules = { secretive };
    type Secretive = AppOf<typeof modules>["modules"]["secretive"];
    expectTypeOf<keyof Secretive["state"]>().toEqualTypeOf<"shown">();
    expectTypeOf<Secretive["actions"]["read"]["result"]>().toEqualTypeOf<number>();
    expect(secretive.private).toEqual(["pin", "deck"]);
  });

  test("a schema says what callers pass, and what the handler is given", () => {
    const typed = app
      .defineState({ log: [] as string[] })
      .persist(durableObjectStore(global()))
      .authorize(({ state, user }) => user !== null && state.log.length < 9)
      .onConnect((state, { session }) => void state.log.push(session.id))
      .onCreated((state, { restored }) => void (restored || state.log.push("new")))
      .onAction("note", { input: TEXT }, ({ state }, { text, at }) => {
        expectTypeOf(at).toEqualTypeOf<number>();
        state.log.push(text);
        return at;
      })
      .onAction("none", { authorize: ({ state }) => state.log.length > 0 }, () => "x")
      .build();
    const modules = { typed };
    type Actions = AppOf<typeof modules>["modules"]["typed"]["actions"];
    expectTypeOf<Actions["note"]["parameters"]>().toEqualTypeOf<
      [payload: { text: string; at?: number }]
    >();
    expectTypeOf<Actions["note"]["result"]>().toEqualTypeOf<number>();
    expectTypeOf<Actions["none"]["parameters"]>().toEqualTypeOf<[]>();
    expect(typed.actions.get("note")?.input).toBe(TEXT);
  });

  test("what must not compile does not", () => {
    const builder = app.defineState({ count: 0 }).persist(durableObjectStore(global()));
    // @ts-expect-error the state has no such field
    builder.onAction("a", ({ state }) => state.missing);
    // @ts-expect-error a field keeps its type
    builder.onAction("b", ({ state }) => void (state.count = "many"));
    // @ts-expect-error an action has one payload
    builder.onAction("c", (_context, _one: number, _two: number) => {});
    // @ts-expect-error a strategy is no store: durableObjectStore(strategy) is
    expect(() => app.defineState({}).persist(global())).toThrow("no method resolveKey()");
    // @ts-expect-error the schema gives an object with a text
    builder.onAction("d", { input: TEXT }, (_context, payload: number) => payload);
    // @ts-expect-error a schema is a Standard Schema
    expect(() => builder.onAction("e", { input: {} }, () => 1)).toThrow("Standard Schema");
    // @ts-expect-error it says yes or no
    builder.authorize(() => "yes");
    // @ts-expect-error it decides at once
    builder.authorize(async () => true);
    // @ts-expect-error the state has no such field
    builder.onCreated((state) => state.missing);
    // @ts-expect-error it begins anew, or it does not
    builder.onRestoreError(() => "later");
    // @ts-expect-error a step is a function
    expect(() => app.defineState({}, { version: 2, migrate: { 2: 1 } })).toThrow("step to 2");
    // @ts-expect-error the state has no such key
    expect(() => builder.ephemeral(["missing"])).toThrow("missing");
    // @ts-expect-error the state has no such key
    expect(() => builder.private(["missing"])).toThrow("missing");
    // @ts-expect-error a pattern is a text or a list of keys
    builder.view(() => ({ hide: [{ path: "a" }] }));
    // @ts-expect-error a view has hide and show
    builder.view(() => "count");
    // @ts-expect-error the state is nothing that a view may depend on
    builder.view((viewer) => ({ hide: [viewer.state] }));
    expect(() => app.defineState([1])).toThrow("plain object");
    // @ts-expect-error a state is an object
    expect(() => app.defineState(1)).toThrow("plain object");
  });
});

describe("definitions", () => {
  test("a finished module says what was defined", () => {
    expect(counter.version).toBe(1);
    expect(counter.name).toBeUndefined();
    expect(counter.initial).toEqual({ count: 0 });
    expect([...counter.actions.keys()]).toEqual(["increment", "reset"]);
    expect(counter.strategy.type).toBe("global");
  });

  test("the initial state is a copy: what the author does to theirs later changes nothing", () => {
    const initial = { items: [1] };
    const module = app.defineState(initial).persist(durableObjectStore(global())).build();
    initial.items.push(2);
    expect(module.initial).toEqual({ items: [1] });
  });

  test("what is asynchronous is decided here: by the function's kind, or as it is told", () => {
    const module = app
      .defineState({})
      .persist(durableObjectStore(global()))
      .onAction("sync", () => 1)
      .onAction("async", async () => 1)
      .onAction("told", { async: true, timeout: 5 }, () => Promise.resolve(1))
      .onAction("strict", { isolation: "serializable" }, async () => 1)
      .build();
    const kinds = [...module.actions].map(([name, { async, timeout, isolation }]) => [
      name,
      async,
      timeout,
      isolation,
    ]);
    expect(kinds).toEqual([
      ["sync", false, 30_000, "default"],
      ["async", true, 30_000, "default"],
      ["told", true, 5, "default"],
      ["strict", true, 30_000, "serializable"],
    ]);
  });

  test("without a store all of the state is ephemeral, by session unless it is said otherwise", () => {
    const dialog = app.defineState({ open: false, tab: "a" });
    expect(dialog.build()).toMatchObject({ ephemeral: "all", strategy: { type: "session" } });
    const lobby = dialog.key(global()).build();
    expect(lobby).toMatchObject({ ephemeral: "all", strategy: { type: "global" } });
    const kept = dialog.persist(durableObjectStore(global())).ephemeral(["open"]).build();
    expect(kept.ephemeral).toEqual(["open"]);
    expectTypeOf<ContractOf<typeof lobby>["keys"]>().toEqualTypeOf<"fixed">();
    const rooms = dialog.key(named()).build();
    expectTypeOf<ContractOf<typeof rooms>["keys"]>().toEqualTypeOf<"named">();
    expectTypeOf(rooms.ephemeral).toEqualTypeOf<"all" | readonly string[]>();
  });

  test("actions emit what is declared, with its data", () => {
    const module = app
      .defineState({ n: 0 })
      .events<{ joined: { who: string }; bell: undefined }>()
      .onAction("join", ({ emit }, who: string) => {
        emit("joined", { who });
        emit("bell");
        // @ts-expect-error no such event is declared
        emit("left", { who });
        // @ts-expect-error the data has another type
        emit("joined", { who: 1 });
        // @ts-expect-error the data is missing
        emit("joined");
      })
      .build();
    type Events = ContractOf<typeof module>["events"];
    expectTypeOf<Events["joined"]>().toEqualTypeOf<{ who: string }>();
    expect(module.actions.has("join")).toBe(true);
  });

  test("a half-built module may be built upon twice", () => {
    const base = app.defineState({ n: 0 }).persist(durableObjectStore(global()));
    const one = base.onAction("a", () => 1).build();
    const two = base.onAction("b", () => 2).build();
    expect([...one.actions.keys()]).toEqual(["a"]);
    expect([...two.actions.keys()]).toEqual(["b"]);
  });

  test.each([
    ["a state that cannot be stored", () => app.defineState({ f: () => 1 }), "VALUE_UNSUPPORTED"],
    [
      "a key and a store",
      () => app.defineState({}).key(global()).persist(durableObjectStore(named())),
      "DEFINITION_INVALID",
    ],
    [
      "an action defined twice",
      () =>
        app
          .defineState({})
          .onAction("a", () => 1)
          .onAction("a", () => 2),
      "DEFINITION_INVALID",
    ],
    [
      "an action without a name",
      () => app.defineState({}).onAction("", () => 1),
      "DEFINITION_INVALID",
    ],
    [
      "a second view",
      () =>
        app
          .defineState({})
          .view(() => ({}))
          .view(() => ({})),
      "DEFINITION_INVALID",
    ],
    [
      "a second authorize",
      () =>
        app
          .defineState({})
          .authorize(() => true)
          .authorize(() => true),
      "DEFINITION_INVALID",
    ],
    [
      "a step to a version that is not the module's",
      () => app.defineState({}, { version: 2, migrate: { 3: (old) => old } }),
      "DEFINITION_INVALID",
    ],
    ["an empty name", () => app.defineState({}, { name: "" }), "DEFINITION_INVALID"],
    ["a version that is none", () => app.defineState({}, { version: 0.5 }), "DEFINITION_INVALID"],
    [
      "a timeout that is none",
      () => app.defineState({}).onAction("a", { timeout: 0 }, async () => 1),
      "DEFINITION_INVALID",
    ],
  ])("%s is refused where it is written", (_what, define, code) => {
    expect(define).toThrow(HoldfastError);
    expect(define).toThrow(expect.objectContaining({ code }));
  });
});
