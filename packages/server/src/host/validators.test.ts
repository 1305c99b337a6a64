import { HoldfastError } from "@holdfast/protocol";
import { type } from "arktype";
import * as v from "valibot";
import { describe, expect, expectTypeOf, test } from "vitest";
import * as z from "zod";
import { app } from "../module/builder.ts";
import type { ContractOf, ModuleDefinition } from "../module/definition.ts";
import { global } from "../module/key-strategy.ts";
import type { StandardSchema } from "../module/standard-schema.ts";
import { durableObjectStore } from "../module/store.ts";
import { openNodeSqlite } from "../node/node-sqlite-port.ts";
import type { SqlPort } from "../storage/sql-port.ts";
import { settled, TestInstance } from "./host.fixture.ts";
import { action } from "./test-module.fixture.ts";

interface Board {
  items: { title: string; votes: number }[];
}

/** What validators are asked for here: a trimmed title, and votes that may be left out. */
type Item = StandardSchema<
  { title: string; votes?: number | undefined },
  { title: string; votes: number }
>;

const later = async (title: string): Promise<boolean> => {
  await settled();
  return title !== "taken";
};

const VALIDATORS: readonly {
  readonly name: string;
  readonly state: StandardSchema;
  readonly item: Item;
  /** `undefined`: the validator knows nothing asynchronous. */
  readonly asyncItem: StandardSchema | undefined;
}[] = [
  {
    name: "zod",
    state: z.object({ items: z.array(z.object({ title: z.string(), votes: z.number().min(0) })) }),
    item: z.object({ title: z.string().trim().min(1), votes: z.number().default(0) }),
    asyncItem: z.object({ title: z.string().refine(later) }),
  },
  {
    name: "valibot",
    state: v.object({
      items: v.array(v.object({ title: v.string(), votes: v.pipe(v.number(), v.minValue(0)) })),
    }),
    item: v.object({
      title: v.pipe(v.string(), v.trim(), v.minLength(1)),
      votes: v.optional(v.number(), 0),
    }),
    asyncItem: v.objectAsync({ title: v.pipeAsync(v.string(), v.checkAsync(later)) }),
  },
  {
    name: "arktype",
    state: type({ items: type({ title: "string", votes: "number >= 0" }).array() }),
    item: type({ title: "string.trim |> string > 0", votes: "number = 0" }),
    asyncItem: undefined,
  },
];

function board(schema: StandardSchema | undefined, item: Item): ModuleDefinition {
  return app
    .defineState<Board>({ items: [] }, schema ? { schema } : {})
    .persist(durableObjectStore(global()))
    .onAction("add", { input: item }, ({ state }, added) => {
      state.items.push(added);
      return added;
    })
    .onAction("spoil", ({ state }) => void state.items.push({ title: "spoilt", votes: -1 }))
    .build();
}

function say(instance: TestInstance, name: string, payload?: unknown): Promise<unknown> {
  const page = instance.join("alice", "c1");
  instance.say(page, action(1, name, payload as never));
  return settled()
    .then(settled)
    .then(() => page.take().find(({ type: kind }) => kind === "ack" || kind === "reject"));
}

function stored(name: string, payload?: unknown): SqlPort {
  const sql = openNodeSqlite(":memory:");
  const { item } = VALIDATORS[0] as (typeof VALIDATORS)[number];
  void say(new TestInstance(board(undefined, item), { sql }), name, payload);
  return sql;
}

describe.each(VALIDATORS)("$name", ({ state, item, asyncItem }) => {
  test("[G16] checks input: the handler is given what it made of it", async () => {
    const added = await say(new TestInstance(board(state, item)), "add", { title: " tea " });
    expect(added).toMatchObject({ type: "ack", result: { title: "tea", votes: 0 } });
  });

  test("[G16] refuses input, and the caller is told where", async () => {
    const add = (payload?: unknown): Promise<unknown> =>
      say(new TestInstance(board(state, item)), "add", payload);
    for (const payload of [{ title: 7 }, { title: "tea", votes: "many" }, { title: "  " }]) {
      const key = "votes" in payload ? "votes" : "title";
      expect(await add(payload)).toMatchObject({
        type: "reject",
        error: { code: "INPUT_INVALID", message: expect.stringMatching(`valid: ${key}: .+`) },
      });
    }
    expect(await add()).toMatchObject({ error: { code: "INPUT_INVALID" } });
  });

  test.runIf(asyncItem)(
    "[G16] checks input asynchronously where the action is, and only there",
    async () => {
      const input = asyncItem as StandardSchema<unknown, { title: string }>;
      const module = app
        .defineState({ titles: [] as string[] })
        .persist(durableObjectStore(global()))
        .onAction("add", { input }, async (context, { title }) => {
          context.state.titles.push(title);
        })
        .onAction("addNow", { input }, ({ state: titles }, { title }) => {
          titles.titles.push(title);
        })
        .build();
      const add = (name: string, title: string): Promise<unknown> =>
        say(new TestInstance(module), name, { title });
      expect(await add("add", "tea")).toMatchObject({ type: "ack" });
      expect(await add("add", "taken")).toMatchObject({
        error: { code: "INPUT_INVALID", message: expect.stringMatching("valid: title: .+") },
      });
      expect(await add("addNow", "tea")).toMatchObject({ error: { code: "DEFINITION_INVALID" } });
    },
  );

  test("holds a stored state against it at restore, and the operator is told where", () => {
    const good = stored("add", { title: "tea", votes: 1 });
    expect(() => new TestInstance(board(state, item), { sql: good })).not.toThrow();
    let thrown: unknown;
    try {
      void new TestInstance(board(state, item), { sql: stored("spoil") });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(HoldfastError);
    const { code, message, cause } = thrown as HoldfastError;
    expect({ code, cause }).toEqual({
      code: "RESTORE_FAILED",
      cause: expect.stringMatching(/^items\.0\.votes: .+/),
    });
    // What a client is told quotes nothing of the state.
    expect(message).not.toContain("votes");
  });

  test("refuses an initial state that does not fit, naming the place, and an asynchronous schema", () => {
    const initial = { items: [{ title: "tea", votes: -1 }] };
    expect(() => app.defineState(initial, { schema: state })).toThrow(/items\.0\.votes: /);
    if (!asyncItem) return;
    expect(() => app.defineState({ title: "tea" }, { schema: asyncItem })).toThrow(/asynchronous/);
  });
});

test("callers pass what goes in, handlers are given what comes out, in the words of each validator", () => {
  const base = app.defineState({ n: 0 }).persist(durableObjectStore(global()));
  const zod = base
    .onAction("set", { input: z.object({ n: z.string().transform(Number) }) }, (_, { n }) => {
      expectTypeOf(n).toEqualTypeOf<number>();
    })
    .build();
  const valibot = base
    .onAction(
      "set",
      { input: v.object({ n: v.pipe(v.string(), v.transform(Number)) }) },
      (_, { n }) => {
        expectTypeOf(n).toEqualTypeOf<number>();
      },
    )
    .build();
  const arktype = base
    .onAction("set", { input: type({ n: "string.numeric.parse" }) }, (_, { n }) => {
      expectTypeOf(n).toEqualTypeOf<number>();
    })
    .build();
  type Payload<Module> =
    ContractOf<Module> extends {
      actions: { set: { parameters: [payload: infer P] } };
    }
      ? P
      : never;
  expectTypeOf<Payload<typeof zod>>().toEqualTypeOf<{ n: string }>();
  expectTypeOf<Payload<typeof valibot>>().toEqualTypeOf<{ n: string }>();
  expectTypeOf<Payload<typeof arktype>>().toEqualTypeOf<{ n: string }>();
});
