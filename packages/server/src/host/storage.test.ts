import { HoldfastError } from "@holdfast/protocol";
import { describe, expect, test } from "vitest";
import { app } from "../module/builder.ts";
import type { DirectStorage } from "../module/direct-storage.ts";
import { global } from "../module/key-strategy.ts";
import { durableObjectStore } from "../module/store.ts";
import { settled, TestInstance } from "./host.fixture.ts";
import { action } from "./test-module.fixture.ts";

/** Uses it by way of a name that the handler's own text does not have. */
const hidden = (context: object): DirectStorage =>
  Reflect.get(context, ["sto", "rage"].join("")) as DirectStorage;

const module = app
  .defineState({ last: 0 })
  .persist(durableObjectStore(global()))
  .onAction("put", ({ state, storage }, text: string) => {
    storage.put(`entry:${++state.last}`, { text });
    if (text === "throw") throw new HoldfastError("REFUSED", "Not today.");
  })
  .onAction("list", ({ storage }) => [
    ...storage.list<{ text: string }>({ prefix: "entry:", reverse: true, limit: 2 }).values(),
  ])
  .onAction("indirectly", (context) => hidden(context).put("entry:x", 1))
  .onAction("declared", { sql: true }, (context) => hidden(context).put("entry:x", 1))
  .onAction("later", async ({ storage }, text: string) => {
    await Promise.resolve();
    storage.put("entry:later", { text });
    throw new HoldfastError("REFUSED", "Not today.");
  })
  .build();

function begin() {
  const instance = new TestInstance(module);
  const page = instance.join("alice", "c1");
  let seq = 0;
  const call = (name: string, payload?: string): unknown => {
    seq++;
    instance.say(page, { ...action(seq, name, payload), settled: seq - 1 });
    return page.take().find(({ type }) => type === "ack" || type === "reject");
  };
  return { instance, page, call };
}

describe("the storage of a module's action", () => {
  test("holds what the state does not, in pages, the newest first, over eviction", () => {
    const { instance, page, call } = begin();
    for (const text of ["a", "b", "c"]) call("put", text);
    expect(call("list")).toMatchObject({ result: [{ text: "c" }, { text: "b" }] });
    instance.evict(page);
    instance.say(page, { ...action(5, "list"), settled: 4 });
    expect(page.take()).toMatchObject([{ result: [{ text: "c" }, { text: "b" }] }]);
  });

  test("[G4] goes back with a synchronous action that throws", () => {
    const { call } = begin();
    call("put", "a");
    expect(call("put", "throw")).toMatchObject({ type: "reject", error: { code: "REFUSED" } });
    expect(call("list")).toMatchObject({ result: [{ text: "a" }] });
  });

  test("[G2] what was written is there once, however often the action comes", () => {
    const { instance, page, call } = begin();
    call("put", "a");
    instance.say(page, { ...action(1, "put", "a"), settled: 0 });
    page.take();
    expect(call("list")).toMatchObject({ result: [{ text: "a" }] });
  });

  test("of an asynchronous action is there at once, whatever becomes of it", async () => {
    const { page, call } = begin();
    call("later", "kept");
    await settled();
    page.take();
    expect(call("list")).toMatchObject({ result: [{ text: "kept" }] });
  });

  test("an action that uses it by way of others says so, or is told to", () => {
    const { call } = begin();
    expect(call("indirectly")).toMatchObject({ error: { code: "DEFINITION_INVALID" } });
    expect(call("declared")).toMatchObject({ type: "ack" });
  });
});
