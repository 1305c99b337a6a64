import { type ActionMessage, HoldfastError } from "@holdfast/protocol";
import { app } from "../module/builder.ts";
import type { ModuleDefinition } from "../module/definition.ts";
import { global } from "../module/key-strategy.ts";
import { durableObjectStore } from "../module/store.ts";

/** A module with an action for everything that an action can do. */
export const testModule: ModuleDefinition = app
  .defineState({ count: 0, log: [] as string[] })
  .persist(durableObjectStore(global()))
  .onAction("increment", ({ state }, by: number = 1) => {
    state.count += by;
    return state.count;
  })
  .onAction("note", ({ state }, text: string) => {
    state.log.push(text);
  })
  .onAction("nothing", ({ state }) => {
    state.count += 1;
    state.count -= 1;
    return "nothing";
  })
  .onAction("refuse", ({ state }) => {
    state.count = 99;
    throw new HoldfastError("REFUSED", "Not today.");
  })
  .onAction("crash", ({ state }) => {
    state.log.push("half");
    throw new Error("secret detail at /srv/app.ts");
  })
  .onAction("promise", ({ state }) => {
    state.count = 99;
    return Promise.resolve(1);
  })
  .onAction("huge", ({ state }, size: number) => {
    state.log.push("x".repeat(size));
  })
  .onAction("hugeKey", ({ state }, size: number) => {
    (state as Record<string, unknown>)["k".repeat(size)] = 1;
  })
  .onAction("hugeRefusal", () => {
    throw new HoldfastError("REFUSED", "no ".repeat(10_000));
  })
  .onAction("many", ({ state }, count: number) => {
    for (let n = 0; n < count; n++) state.log.push("x".repeat(100));
  })
  .onAction("hugeResult", ({ state }) => {
    state.count += 1;
    return "x".repeat(100_000);
  })
  .onAction("give", ({ state }) => state.log)
  .onAction("ids", ({ randomId, actionId }) => [randomId(), randomId(), actionId])
  .build();

/** One action of the client `c1`. */
export function action(
  seq: number,
  name: string,
  payload?: ActionMessage["payload"],
): ActionMessage {
  return {
    type: "action",
    client: "c1",
    seq,
    settled: 0,
    name,
    ...(payload === undefined ? {} : { payload }),
  };
}
