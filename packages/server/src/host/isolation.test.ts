import { HoldfastError } from "@holdfast/protocol";
import { describe, expect, test } from "vitest";
import { app } from "../module/builder.ts";
import { global } from "../module/key-strategy.ts";
import { durableObjectStore } from "../module/store.ts";
import { Gates } from "./gates.fixture.ts";
import { TestInstance } from "./host.fixture.ts";
import { action } from "./test-module.fixture.ts";

const gates = new Gates();

const touches: unknown[] = [];
function touch(work: () => unknown): void {
  try {
    touches.push(work());
  } catch (error) {
    touches.push(error instanceof HoldfastError ? error.code : error);
  }
}

const module = app
  .defineState({ count: 0, members: ["alice", "bob"], log: [] as string[] })
  .persist(durableObjectStore(global()))
  .authorize(({ session, state }) => state.members.includes(session.id))
  .onAction("increment", ({ state }) => ++state.count)
  .onAction("hold", async ({ state }) => {
    state.log.push("held");
    await gates.wait("hold");
    return state.log.length;
  })
  .onAction("expel", async ({ state }, member: string) => {
    state.members = state.members.filter((one) => one !== member);
    await gates.wait("expel");
  })
  .onAction("addAfresh", async ({ state }) => {
    touches.push(state.count);
    await gates.wait("addAfresh");
    return (state.count += 1);
  })
  .onAction("swallow", async ({ state }) => {
    const { count } = state;
    await gates.wait("swallow");
    touch(() => (state.count = count + 1));
    return "fine";
  })
  .onAction("useElsewhere", async ({ state }) => {
    const { count } = state;
    await gates.wait("useElsewhere");
    state.log.push(`count was ${count}`);
  })
  .onAction("useSerially", { isolation: "serializable" }, async ({ state }) => {
    const { count } = state;
    await gates.wait("useSerially");
    state.log.push(`count was ${count}`);
  })
  .onAction("overstay", async ({ state }) => {
    state.count = 50;
    await gates.wait("overstay");
  })
  .onAction("late", { timeout: 5_000 }, async ({ state, commit }) => {
    const { log } = state;
    await gates.wait("late");
    touch(() => (state.count = 100));
    touch(() => log.length);
    await commit().catch((error: HoldfastError) => touches.push(error.code));
  })
  .build();

function start(options: ConstructorParameters<typeof TestInstance>[1] = {}) {
  touches.length = 0;
  const instance = new TestInstance(module, options);
  const [alice, bob] = [instance.join("alice", "c1"), instance.join("bob", "c2")];
  alice.take();
  bob.take();
  const bobs = (seq: number, name = "increment") => ({ ...action(seq, name), client: "c2" });
  const state = () => {
    const [snapshot] = instance.join("alice", `c${Math.random()}`.replace(".", "")).take();
    return snapshot?.type === "snapshot" ? snapshot.state : undefined;
  };
  return { instance, alice, bob, bobs, state };
}

describe("what a handler has read before an await", () => {
  test("is read afresh by an assignment that reads, and no conflict", async () => {
    const { instance, alice, bob, bobs, state } = start();
    instance.say(alice, action(1, "addAfresh"));
    instance.say(bob, bobs(1), bobs(2));
    await gates.open("addAfresh");
    expect(touches).toEqual([0]);
    expect(alice.take().at(-1)).toMatchObject({ type: "ack", seq: 1, result: 3 });
    expect(state()).toMatchObject({ count: 3 });
  });

  test("[G4] a conflict that the handler swallows refuses its action all the same", async () => {
    const { instance, alice, bob, bobs, state } = start();
    instance.say(alice, action(1, "swallow"));
    instance.say(bob, bobs(1));
    await gates.open("swallow");
    expect(touches).toEqual(["CONFLICT"]);
    expect(alice.take().at(-1)).toMatchObject({ type: "reject", error: { code: "CONFLICT" } });
    expect(state()).toMatchObject({ count: 1 });
  });

  test("may be old where it is used elsewhere, unless the action is serializable", async () => {
    const { instance, alice, bob, bobs, state } = start();
    instance.say(alice, action(1, "useElsewhere"), action(2, "useSerially"));
    instance.say(bob, bobs(1));
    alice.take();
    await gates.open("useElsewhere");
    await gates.open("useSerially");
    expect(alice.take()).toMatchObject([
      { type: "commit", version: 2 },
      { type: "ack", seq: 1 },
      { type: "reject", seq: 2, error: { code: "CONFLICT" } },
    ]);
    expect(state()).toMatchObject({ log: ["count was 0"] });
  });
});

describe("the turn", () => {
  test("one that outlived its turn loses to who wrote meanwhile; one that has it never does", async () => {
    const { instance, alice, bob, bobs, state } = start();
    instance.say(alice, action(1, "overstay"));
    instance.say(bob, bobs(1));
    await instance.move(1_999);
    expect(state()).toMatchObject({ count: 0 });
    await gates.open("overstay");
    expect(alice.take().at(-1)).toMatchObject({ type: "commit", version: 2 });
    expect(state()).toMatchObject({ count: 51 });

    instance.say(alice, action(2, "overstay"));
    instance.say(bob, bobs(2));
    await instance.move(2_000);
    expect(bob.take().at(-1)).toMatchObject({ type: "ack", seq: 2, result: 52 });
    await gates.open("overstay");
    expect(alice.take().at(-1)).toMatchObject({ type: "reject", error: { code: "CONFLICT" } });
    expect(state()).toMatchObject({ count: 52 });
  });

  test("[G14] [P29] those beyond what may wait are told busy, and are done when they come again", async () => {
    const { instance, alice, bob, bobs, state } = start({ limits: { waitingActions: 1 } });
    instance.say(alice, action(1, "hold"));
    instance.say(bob, bobs(1));
    instance.say(bob, bobs(2), bobs(3));
    expect(bob.take()).toMatchObject([
      { type: "received", seq: 1 },
      { type: "busy", seq: 2, retryAfter: 1_000 },
    ]);
    const call = { action: "increment", payload: undefined, env: undefined };
    expect(await instance.host.call(call)).toMatchObject({
      type: "reject",
      error: { code: "BUSY", message: expect.stringContaining("Try again later") },
    });
    await gates.open("hold");
    instance.say(bob, bobs(2), bobs(3));
    expect(bob.take().filter(({ type }) => type === "ack")).toMatchObject([
      { seq: 1, result: 1 },
      { seq: 2, result: 2 },
      { seq: 3, result: 3 },
    ]);
    expect(state()).toMatchObject({ count: 3, log: ["held"] });
  });

  test("[G5] who connects and authorize see what is committed, and do not wait for who is writing", async () => {
    const { instance, alice, bob, bobs } = start();
    instance.say(alice, { ...action(1, "expel"), payload: "bob" });
    // He is a member still, for all that anybody may see.
    expect(instance.join("bob", "c3").take()).toMatchObject([
      { state: { members: ["alice", "bob"] } },
    ]);
    instance.say(bob, bobs(1, "addAfresh"));
    expect(bob.take()).toMatchObject([{ type: "received", seq: 1 }]);
    await gates.open("expel");
    // It was waiting, and is decided about when it starts.
    expect(bob.take().at(-1)).toMatchObject({ type: "reject", error: { code: "FORBIDDEN" } });
    expect(instance.join("bob", "c4").closed).toMatchObject({ reason: "FORBIDDEN" });
  });
});

test("[G4] past its timeout a handler is told ENDED by all that it touches", async () => {
  const { instance, alice, state } = start();
  instance.say(alice, action(1, "late"));
  await instance.move(5_000);
  expect(alice.take().at(-1)).toMatchObject({ type: "reject", error: { code: "TIMEOUT" } });
  await gates.open("late");
  expect(touches).toEqual(["ENDED", "ENDED", "ENDED"]);
  expect(state()).toMatchObject({ count: 0 });
  expect(instance.aborts).toEqual([]);
});
