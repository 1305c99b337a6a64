import { DEFAULT_LIMITS, type ServerMessage } from "@holdfast/protocol";
import { describe, expect, test } from "vitest";
import { app } from "../../module/builder.ts";
import type { ModuleDefinition } from "../../module/definition.ts";
import { global } from "../../module/key-strategy.ts";
import { ANY } from "../../module/path-pattern.ts";
import { durableObjectStore } from "../../module/store.ts";
import type { View } from "../../module/view.ts";
import { TestConnection, TestInstance } from "../host.fixture.ts";
import { action } from "../test-module.fixture.ts";
import { Views } from "./views.ts";

interface Table {
  turn: number;
  deck: string[];
  hands: Record<string, string[]>;
  seats: Map<number, { player: string; card: string }>;
  note: string;
}

const TABLE: Table = {
  turn: 0,
  deck: ["d1", "d2"],
  hands: { alice: ["a1"], bob: ["b1"] },
  seats: new Map([
    [1, { player: "alice", card: "s1" }],
    [2, { player: "bob", card: "s2" }],
  ]),
  note: "n",
};

function table(view?: View): ModuleDefinition {
  const base = app
    .defineState(TABLE)
    .persist(durableObjectStore(global()))
    .onAction("deal", ({ state }, to: string) => {
      const card = state.deck.pop() ?? "joker";
      (state.hands[to] ??= []).push(card);
    })
    .onAction("next", ({ state }) => void state.turn++)
    .onAction("seat", ({ state }, card: string) => {
      const seat = state.seats.get(2);
      if (seat) seat.card = card;
    })
    .onAction("turnSeats", ({ state }) => {
      const entries = [...state.seats].reverse();
      const copies = entries.map(([key, seat]) => [key, { ...seat, card: seat.card.repeat(9) }]);
      state.seats.clear();
      for (const [key, seat] of copies) state.seats.set(key as number, seat as never);
    })
    .onAction("break", ({ state }) => {
      (state.hands["bob"] as unknown[]).push(() => "b-secret");
    })
    .onAction("tooLarge", ({ state }) => {
      state.hands["bob"]?.push("x".repeat(DEFAULT_LIMITS.valueBytes + 1));
    });
  return (view ? base.view(view) : base).build();
}

const byHand: View = ({ user }) => ({
  hide: ["deck", "hands.*"],
  show: [["hands", user.id]],
});

function stateOf(messages: readonly ServerMessage[]): unknown {
  for (const message of messages) if (message.type === "snapshot") return message.state;
  throw new Error(`There is no snapshot in ${JSON.stringify(messages)}.`);
}

describe("views", () => {
  test("[G15] a snapshot holds what the viewer sees, and each its own", () => {
    const instance = new TestInstance(table(byHand));
    const { deck: _, ...rest } = TABLE;
    expect(stateOf(instance.join("alice", "c1").take())).toEqual({
      ...rest,
      hands: { alice: ["a1"] },
    });
    expect(stateOf(instance.join("bob", "c2").take())).toEqual({ ...rest, hands: { bob: ["b1"] } });
    expect(stateOf(instance.join("eve", "c3").take())).toEqual({ ...rest, hands: {} });
  });

  test("[G15] a commit goes out as each viewer sees it; one that is wholly hidden as its bare version", () => {
    const instance = new TestInstance(table(byHand));
    const alice = instance.join("alice", "c1");
    const bob = instance.join("bob", "c2");
    for (const one of [alice, bob]) one.take();
    instance.say(alice, action(1, "deal", "alice"));
    expect(alice.take()).toEqual([
      {
        type: "commit",
        version: 1,
        mark: expect.any(String),
        patches: [{ op: "add", path: ["hands", "alice", 1], value: "d2" }],
      },
      { type: "ack", client: "c1", seq: 1, version: 1 },
    ]);
    expect(bob.frames).toHaveLength(1);
    expect(bob.frames.join()).not.toMatch(/d2|deck|hands|alice/);
    expect(bob.take()).toEqual([
      { type: "commit", version: 1, mark: expect.any(String), patches: [] },
    ]);
  });

  test("viewers with equal rules are sent the very same text", () => {
    const instance = new TestInstance(
      table(() => ({ hide: ["deck"], show: ["hands", "hands.*"] })),
    );
    const first = instance.join("alice", "c1");
    const second = instance.join("bob", "c2");
    let asked = 0;
    const counting = new TestInstance(
      table(() => (asked++, { hide: [`hands.${asked % 1}`, "deck"] })),
    );
    const [third, fourth] = [counting.join("x", "c3"), counting.join("y", "c4")];
    for (const one of [first, second, third, fourth]) one.take();
    instance.say(first, action(1, "next"));
    expect(first.frames[0]?.startsWith(`[${second.frames[0]}`)).toBe(true);
    expect(asked).toBe(2);
    counting.say(third, { ...action(1, "next"), client: "c3" });
    expect(third.frames[0]?.startsWith(`[${fourth.frames[0]}`)).toBe(true);
    expect(asked).toBe(2);
  });

  test("a module that hides nothing sends what it stores, as it is", () => {
    const instance = new TestInstance(table());
    const alice = instance.join("alice", "c1");
    alice.take();
    instance.say(alice, action(1, "deal", "bob"));
    expect(alice.frames.join()).toContain("d2");
  });

  test("[G15] [G9] a resume holds the commits as the viewer sees them; under other rules it is a snapshot", () => {
    let sees: string[] = ["hands.alice"];
    const instance = new TestInstance(table(() => ({ hide: ["hands.*", "deck"], show: sees })));
    const alice = instance.join("alice", "c1");
    const [snapshot] = alice.take();
    if (snapshot?.type !== "snapshot") throw new Error("no snapshot");
    const { epoch, version, mark, schema } = snapshot;
    instance.host.disconnect(alice);
    const bob = instance.join("bob", "c2");
    for (const [index, to] of ["bob", "alice"].entries()) {
      instance.say(bob, { ...action(index + 1, "deal", to), client: "c2" });
    }
    const come = (): TestConnection => {
      const again = new TestConnection("alice");
      instance.host.connect(again);
      const clients = [{ id: "c1", settled: 0 }];
      instance.say(again, { type: "hello", protocol: 1, clients, epoch, version, mark, schema });
      return again;
    };
    const again = come();
    expect(again.frames.join()).not.toMatch(/d2|bob|deck/);
    expect(again.take()).toMatchObject([
      {
        type: "resume",
        commits: [{ patches: [] }, { patches: [{ path: ["hands", "alice", 1] }] }],
      },
    ]);
    instance.host.disconnect(again);
    sees = ["hands.bob"];
    const other = come();
    expect(other.frames.join()).not.toMatch(/alice.*d1|a1/);
    expect(stateOf(other.take())).toMatchObject({ hands: { bob: ["b1", "d2"] } });
  });

  test("a socket that outlives the code whose view it has gets a snapshot of the new one", () => {
    let hides = ["deck"];
    const instance = new TestInstance(table(() => ({ hide: hides })));
    const alice = instance.join("alice", "c1");
    instance.say(alice, action(1, "next"));
    alice.take();
    instance.evict(alice);
    expect(alice.frames).toEqual([]);
    hides = ["hands", "deck"];
    instance.evict(alice);
    expect(stateOf(alice.take())).toEqual({ turn: 1, seats: TABLE.seats, note: "n" });
  });

  test("[G15] the order of a Map that is partly hidden is told by a snapshot", () => {
    const instance = new TestInstance(table(() => ({ hide: ["seats.*"], show: [["seats", 1]] })));
    const alice = instance.join("alice", "c1");
    alice.take();
    instance.say(alice, action(1, "turnSeats"));
    const frames = alice.frames.join();
    expect(frames).not.toMatch(/s2|bob","card/);
    const [snapshot, ack] = alice.take();
    expect(stateOf(snapshot ? [snapshot] : [])).toMatchObject({
      seats: new Map([[1, { player: "alice", card: "s1".repeat(9) }]]),
    });
    expect(ack).toMatchObject({ type: "ack", seq: 1, version: 1 });
  });

  test("a Map's number key is told from an index by what stands there", () => {
    const instance = new TestInstance(
      table(() => ({ hide: ["seats.*", "deck"], show: [["seats", 2, "card"]] })),
    );
    const alice = instance.join("alice", "c1");
    expect(stateOf(alice.take())).toMatchObject({ seats: new Map([[2, { card: "s2" }]]) });
    instance.say(alice, action(1, "seat", "ace"));
    expect(alice.take()).toMatchObject([
      { type: "commit", patches: [{ op: "replace", path: ["seats", 2, "card"], value: "ace" }] },
      { type: "ack" },
    ]);
  });

  test("[G15] what an error says of a place stays on the server", () => {
    const instance = new TestInstance(table(byHand));
    const eve = instance.join("eve", "c1");
    eve.take();
    instance.say(eve, action(1, "break"), action(2, "tooLarge"));
    expect(eve.frames.join()).not.toMatch(/bob|hands/);
    expect(eve.take()).toMatchObject([
      { type: "reject", error: { code: "VALUE_UNSUPPORTED" } },
      { type: "reject", error: { code: "VALUE_TOO_LARGE" } },
    ]);
    expect(instance.reports.map(String).join()).toMatch(/hands\.bob/);
  });

  test("[G15] a view that fails lets nobody in", () => {
    const instance = new TestInstance(
      table(({ user }) => ({ show: [`hands.${user["team"].name}`] })),
    );
    const eve = instance.join("eve", "c1");
    expect(eve.closed?.reason).toBe("DEFINITION_INVALID");
    expect(eve.frames.join()).not.toMatch(/a1|team/);
    expect(instance.reports).toHaveLength(1);
    expect(instance.aborts).toEqual([]);
  });

  test.each(["*", "alice.hand", "hands.*"])(
    "[G15] a user by the name of %s sees nothing by that name",
    (name) => {
      const view: View = ({ user }) => ({ hide: ["hands.*"], show: [`hands.${user.id}`] });
      const eve = new TestInstance(table(view)).join(name, "c1");
      expect(eve.closed?.reason).toBe("DEFINITION_INVALID");
      expect(eve.frames.join()).not.toMatch(/a1|b1/);
      const safe = new TestInstance(table(byHand)).join(name, "c1");
      expect(stateOf(safe.take())).toMatchObject({ hands: {} });
    },
  );
});

describe("what a client may write", () => {
  test.each<[(string | number)[], boolean]>([
    [["turn"], true],
    [["seats", 1, "card"], true],
    [["hands", "alice"], true],
    [["hands", "alice", 0], true],
    [["hands"], false],
    [["hands", "bob", 0], false],
    [["deck", 0], false],
    [[], false],
  ])("[G15] [G16] %j is seen whole: %s", (path, isSeen) => {
    const views = new Views(table(byHand));
    expect(views.of(new TestConnection("alice")).seesAllOf(path)).toBe(isSeen);
  });
});

describe("private keys", () => {
  test("[G15] nobody sees them, whatever a view shows", () => {
    const module = app
      .defineState(TABLE)
      .persist(durableObjectStore(global()))
      .private(["deck", "note"])
      .view(() => ({ show: ["deck", [ANY], "*"] }))
      .onAction("write", ({ state }) => {
        state.note += "!";
        state.deck.push("d3");
      })
      .build();
    const instance = new TestInstance(module);
    const alice = instance.join("alice", "c1");
    expect(alice.frames.join()).not.toMatch(/d1|deck|note/);
    alice.take();
    instance.say(alice, action(1, "write"));
    expect(alice.frames.join()).not.toMatch(/d3|deck|note|!/);
  });

  test("[G15] their initial values are not in the schema's fingerprint", () => {
    const schemaOf = (pin: number): unknown => {
      const module = app
        .defineState({ pin, shown: 1 })
        .persist(durableObjectStore(global()))
        .private(["pin"])
        .build();
      const [snapshot] = new TestInstance(module).join("alice", "c1").take();
      return snapshot?.type === "snapshot" && snapshot.schema;
    };
    expect(schemaOf(1111)).toBe(schemaOf(2222));
  });
});
