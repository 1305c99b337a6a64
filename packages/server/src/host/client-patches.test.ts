import { type Patch, type PatchMessage, type ServerMessage } from "@holdfast/protocol";
import { describe, expect, test } from "vitest";
import { app } from "../module/builder.ts";
import type { ClientWriteOptions } from "../module/client-writes.ts";
import type { ModuleDefinition } from "../module/definition.ts";
import { global } from "../module/key-strategy.ts";
import { durableObjectStore } from "../module/store.ts";
import { openNodeSqlite } from "../node/node-sqlite-port.ts";
import { failingPort } from "./failing-port.fixture.ts";
import { type TestConnection, TestInstance } from "./host.fixture.ts";

function board(writes: true | ClientWriteOptions | null = true): ModuleDefinition {
  const draft = app
    .defineState({ count: 0, title: "t", items: ["a", "b", "c", "d"], secret: { pin: 1 } })
    .persist(durableObjectStore(global()))
    .onAction("increment", ({ state }) => (state.count += 1))
    .onAction("shift", ({ state }) => void state.items.shift())
    .onAction("nothing", () => undefined)
    .onAction("hold", async ({ state, commit }) => {
      state.title = "held";
      await new Promise((resolve) => setImmediate(resolve));
      await commit();
    });
  return (writes === null ? draft : draft.clientWrites(writes)).build();
}

/** A client at one connection, that counts its sequences. */
class Peer {
  readonly connection: TestConnection;
  readonly #instance: TestInstance;
  readonly #client: string;

  constructor(instance: TestInstance, client: string, principal: string = client) {
    this.#instance = instance;
    this.#client = client;
    this.connection = instance.join(principal, client);
    this.connection.take();
  }

  patch(seq: number, base: number, ...patches: Patch[]): PatchMessage {
    return { type: "patch", client: this.#client, seq, settled: 0, base, after: 0, patches };
  }

  action(seq: number, name: string) {
    return { type: "action", client: this.#client, seq, settled: 0, name } as const;
  }

  say(...messages: readonly (PatchMessage | ReturnType<Peer["action"]>)[]): readonly unknown[] {
    this.#instance.say(this.connection, ...messages);
    return this.take();
  }

  /** What it was told, in short. */
  take(): readonly unknown[] {
    return this.connection.take().map(short);
  }
}

function short(message: ServerMessage): unknown {
  switch (message.type) {
    case "commit":
      return [`commit ${message.version}`, ...message.patches];
    case "ack":
      return `ack ${message.seq} at ${message.version}`;
    case "reject":
      return `reject ${message.seq} ${message.error.code}`;
    case "stale":
    case "gap":
    case "busy":
    case "received":
    case "published":
      return `${message.type} ${message.seq}`;
    default:
      return message.type;
  }
}

const count = (value: number): Patch => ({ op: "replace", path: ["count"], value });
const item = (index: number, value: string): Patch => ({
  op: "replace",
  path: ["items", index],
  value,
});
const splice = (index: number, remove: number, ...value: string[]): Patch => ({
  op: "splice",
  path: ["items"],
  index,
  remove,
  value,
});

function pair(module = board()): { instance: TestInstance; ann: Peer; bob: Peer } {
  const instance = new TestInstance(module);
  return { instance, ann: new Peer(instance, "ann"), bob: new Peer(instance, "bob") };
}

describe("client patches", () => {
  test("[P76] are committed and answered like an action, and told to everybody", () => {
    const { ann, bob } = pair();
    const added: Patch = { op: "add", path: ["items", 4], value: "e" };
    expect(ann.say(ann.patch(1, 0, count(5), splice(4, 0, "e")))).toEqual([
      ["commit 1", count(5), added],
      "ack 1 at 1",
    ]);
    expect(bob.take()).toEqual([["commit 1", count(5), added]]);
  });

  test("[P82] that change nothing have no commit of their own", () => {
    const { ann } = pair();
    ann.say(ann.action(1, "increment"));
    expect(ann.say(ann.patch(2, 1, count(1)))).toEqual(["ack 2 at 0"]);
    expect(ann.say(ann.patch(3, 1))).toEqual(["ack 3 at 0"]);
  });

  test("[G2] are done once, however often they come", () => {
    const { ann } = pair();
    const patch = ann.patch(1, 0, splice(0, 0, "x"));
    ann.say(patch);
    expect(ann.say(patch)).toEqual(["ack 1 at 1"]);
  });

  test("[G4] apply all or none", () => {
    const { ann } = pair();
    expect(ann.say(ann.patch(1, 0, count(5), splice(9, 1)))).toEqual(["reject 1 PATCH_INVALID"]);
    expect(ann.say(ann.patch(2, 0, count(1)))).toEqual([["commit 1", count(1)], "ack 2 at 1"]);
  });
});

describe("[G16] [P77] what clients may write", () => {
  test("is nothing, unless the module says otherwise", () => {
    const { ann } = pair(board(null));
    expect(ann.say(ann.patch(1, 0, count(5)))).toEqual(["reject 1 WRITE_FORBIDDEN"]);
  });

  test.each<[string, Patch, boolean]>([
    ["a place that is named", { op: "replace", path: ["title"], value: "" }, true],
    ["one that is not", count(1), false],
    ["what contains a named one", { op: "replace", path: [], value: {} }, false],
    ["what is in a named one", item(1, "x"), true],
    ["the structure of a list whose items are named", splice(0, 1), false],
    ["an item added to it", { op: "add", path: ["items", 0], value: "x" }, false],
    ["an item removed from it", { op: "remove", path: ["items", 0] }, false],
    ["a neighbour's inside", { op: "replace", path: ["secret", "pin"], value: 2 }, false],
    ["a new key of the state", { op: "add", path: ["more"], value: 2 }, false],
  ])("%s", (_name, patch, allowed) => {
    const { ann } = pair(board({ paths: ["title", "items.*"] }));
    const [first] = ann.say(ann.patch(1, 0, patch)).slice(-1);
    expect(first).toBe(allowed ? "ack 1 at 1" : "reject 1 WRITE_FORBIDDEN");
  });

  test("has a limit", () => {
    const instance = new TestInstance(board(), { limits: { patchesPerClientPatch: 2 } });
    const ann = new Peer(instance, "ann");
    expect(ann.say(ann.patch(1, 0, count(1), count(2), count(3)))).toEqual([
      "reject 1 TOO_MANY_WRITES",
    ]);
  });

  test("is what the schema says afterwards", () => {
    const schema = {
      "~standard": {
        version: 1,
        vendor: "test",
        validate: (value: unknown) =>
          (value as { count: number }).count < 3
            ? { value }
            : { issues: [{ message: "too many", path: ["count"] }] },
      },
    } as const;
    const { ann } = pair(board({ paths: ["count"], schema }));
    expect(ann.say(ann.patch(1, 0, count(2)))).toContainEqual("ack 1 at 1");
    expect(ann.say(ann.patch(2, 1, count(3)))).toEqual(["reject 2 INPUT_INVALID"]);
  });

  test.each([{ paths: [] }, { paths: ["a..b"] }])(
    "paths that are none are refused: %j",
    (writes) => {
      expect(() => board(writes)).toThrow(/clientWrites|pattern/);
    },
  );
});

describe("[P79] patches are stale", () => {
  test("when they meet what was committed since, and nothing is consumed", () => {
    const { ann, bob } = pair();
    ann.say(ann.patch(1, 0, count(1)));
    bob.take();
    expect(bob.say(bob.patch(1, 0, count(1)))).toEqual(["stale 1"]);
    expect(bob.say(bob.patch(1, 1, count(2)))).toEqual([["commit 2", count(2)], "ack 1 at 2"]);
  });

  test("not when they do not", () => {
    const { ann, bob } = pair();
    ann.say(ann.patch(1, 0, splice(2, 0, "x")));
    bob.take();
    expect(bob.say(bob.patch(1, 0, item(1, "B")))).toContainEqual("ack 1 at 2");
    expect(bob.say(bob.patch(2, 0, item(2, "C")))).toEqual(["stale 2"]);
  });

  test("not by their client's own patches, as far as they were made on top of those", () => {
    const { ann } = pair();
    const first = ann.patch(1, 0, splice(0, 1));
    const second = { ...ann.patch(2, 0, item(0, "B")), after: 1 };
    expect(ann.say(first, second)).toContainEqual("ack 2 at 2");
    expect(ann.say(ann.patch(3, 0, item(0, "C")))).toEqual(["stale 3"]);
  });

  test("by their client's own actions, whatever was predicted of them", () => {
    const { ann } = pair();
    const told = ann.say(ann.action(1, "shift"), ann.patch(2, 0, item(0, "B")));
    expect(told).toContainEqual("stale 2");
    expect(told).not.toContainEqual("ack 2 at 2");
  });

  test("when the one that they were made on top of was refused", () => {
    const { ann } = pair(board({ paths: ["items"] }));
    const refused = ann.patch(1, 0, splice(0, 1), count(1));
    const second = { ...ann.patch(2, 0, item(0, "B")), after: 1 };
    expect(ann.say(refused, second)).toEqual(["reject 1 WRITE_FORBIDDEN", "stale 2"]);
  });

  test("when nobody knows any more what was committed since", () => {
    const instance = new TestInstance(board(), { limits: { resumeVersions: 3 } });
    const ann = new Peer(instance, "ann");
    for (let seq = 1; seq <= 8; seq++) ann.say(ann.action(seq, "increment"));
    expect(ann.say(ann.patch(9, 1, item(0, "x")))).toEqual(["stale 9"]);
    expect(ann.say(ann.patch(9, 8, item(0, "x")))).toContainEqual("ack 9 at 9");
  });

  test("[G10] and an eviction changes nothing of that", () => {
    const { instance, ann, bob } = pair();
    ann.say(ann.patch(1, 0, splice(2, 0, "x")));
    ann.say(ann.patch(2, 1, count(1)));
    bob.take();
    instance.evict(ann.connection, bob.connection);
    expect(bob.say(bob.patch(1, 0, item(1, "B")))).toContainEqual("ack 1 at 3");
    expect(bob.say(bob.patch(2, 0, item(2, "C")))).toEqual(["stale 2"]);
  });

  describe("[G10] behind an eviction", () => {
    const again = (peer: Peer, seq: number, after: number, patch: Patch, settled = 0) =>
      peer.say({ ...peer.patch(seq, 0, patch), after, settled });

    test.each([
      ["whose answers were lost", 0],
      ["that were answered", 2],
    ])("still not by their client's own patches %s", (_name, settled) => {
      const { instance, ann } = pair();
      ann.say(ann.patch(1, 0, splice(0, 1)), { ...ann.patch(2, 0, item(0, "B")), after: 1 });
      instance.evict(ann.connection);
      expect(again(ann, 3, 2, item(0, "C"), settled)).toContainEqual("ack 3 at 3");
    });

    test("by one that they were not made on top of, though it is their client's own", () => {
      const { instance, ann } = pair();
      ann.say(ann.patch(1, 0, item(1, "B")), ann.patch(2, 0, item(0, "A")));
      instance.evict(ann.connection);
      expect(again(ann, 3, 1, item(0, "C"))).toEqual(["stale 3"]);
    });

    test.each([
      ["another client's of the same sequence", "bob", "bob"],
      ["that of a client of the same name, of another principal", "ann", "carol"],
    ])("by %s", (_name, client, principal) => {
      const { instance, ann } = pair();
      const other = new Peer(instance, client, principal);
      ann.say(ann.patch(1, 0, item(0, "A")));
      other.say(other.patch(1, 0, count(1)));
      instance.evict(ann.connection, other.connection);
      expect(again(other, 2, 1, item(0, "C"))).toEqual(["stale 2"]);
    });

    test("by their client's own actions", () => {
      const { instance, ann } = pair();
      ann.say(ann.action(1, "shift"), { ...ann.patch(2, 1, count(1)), after: 0 });
      instance.evict(ann.connection);
      expect(again(ann, 3, 2, item(0, "B"))).toEqual(["stale 3"]);
    });
  });

  test("when they are made on a version that is yet to come", () => {
    const { ann } = pair();
    expect(ann.say(ann.patch(1, 7, count(1)))).toEqual(["stale 1"]);
  });
});

describe("[P80] behind a stale one", () => {
  test("nothing is done until it comes again, in its frame or in a later one", () => {
    const { ann, bob } = pair();
    ann.say(ann.patch(1, 0, count(1)));
    bob.take();
    const told = bob.say(bob.patch(1, 0, count(1)), bob.action(2, "increment"));
    expect(told).toEqual(["stale 1"]);
    expect(bob.say(bob.action(2, "increment"), bob.action(3, "shift"))).toEqual([]);
    const again = bob.say(bob.patch(1, 1, count(2)), bob.action(2, "increment"));
    expect(again.map(String)).toEqual([
      expect.stringContaining("commit 2"),
      "ack 1 at 2",
      expect.stringContaining("commit 3"),
      "ack 2 at 3",
    ]);
  });

  test("others go on", () => {
    const { ann, bob } = pair();
    ann.say(ann.patch(1, 0, count(1)));
    bob.say(bob.patch(1, 0, count(1)));
    expect(ann.say(ann.action(2, "shift"))).toContainEqual("ack 2 at 2");
  });

  test("[G4] a write that fails decides nothing either, and stale ones stay stale", () => {
    const { port: sql, fail } = failingPort(openNodeSqlite(":memory:"));
    const instance = new TestInstance(board(), { sql });
    const ann = new Peer(instance, "ann");
    ann.say(ann.action(1, "increment"));
    fail(2);
    const told = ann.say(
      ann.action(2, "shift"),
      ann.patch(3, 0, count(7)),
      ann.patch(4, 1, item(1, "x")),
    );
    expect(told.filter((one) => String(one).startsWith("ack"))).toEqual([]);
    expect(ann.say(ann.action(2, "shift"), ann.patch(3, 2, count(7)))).toContainEqual("ack 3 at 3");
  });
});

describe("[P81] who was first stale is first asked", () => {
  test("and the others when it has come through", () => {
    const instance = new TestInstance(board());
    const peers = ["a", "b", "c", "d"].map((name) => new Peer(instance, name));
    const [a, b, c, d] = peers as [Peer, Peer, Peer, Peer];
    a.say(a.patch(1, 0, count(1)));
    for (const peer of peers) peer.take();
    expect(b.say(b.patch(1, 0, count(1)))).toEqual(["stale 1"]);
    expect(c.say(c.patch(1, 0, count(1)))).toEqual([]);
    // It would be in time, but others have waited longer.
    expect(d.say(d.patch(1, 1, count(2)))).toEqual([]);
    expect(b.say(b.patch(1, 1, count(2)))).toContainEqual("ack 1 at 2");
    expect(c.take()).toEqual([["commit 2", count(2)], "stale 1"]);
    expect(d.take()).toEqual([["commit 2", count(2)]]);
    expect(c.say(c.patch(1, 2, count(3)))).toContainEqual("ack 1 at 3");
    expect(d.take()).toEqual([["commit 3", count(3)], "stale 1"]);
    expect(d.say(d.patch(1, 3, count(4)))).toContainEqual("ack 1 at 4");
  });

  test("whoever writes elsewhere waits for nobody", () => {
    const { ann, bob } = pair();
    ann.say(ann.patch(1, 0, count(1)));
    bob.say(bob.patch(1, 0, count(1)));
    expect(ann.say(ann.patch(2, 1, item(0, "x")))).toContainEqual("ack 2 at 2");
  });

  test("[G13] one that was asked and does not come loses its turn", async () => {
    const instance = new TestInstance(board());
    const [a, b, c] = ["a", "b", "c"].map((name) => new Peer(instance, name)) as [Peer, Peer, Peer];
    a.say(a.patch(1, 0, count(1)));
    b.say(b.patch(1, 0, count(1)));
    c.take();
    expect(c.say(c.patch(1, 0, count(1)))).toEqual([]);
    await instance.move(1_000);
    expect(c.take()).toEqual(["stale 1"]);
  });

  test("[G13] one that is gone holds nobody up", () => {
    const instance = new TestInstance(board());
    const [a, b, c] = ["a", "b", "c"].map((name) => new Peer(instance, name)) as [Peer, Peer, Peer];
    a.say(a.patch(1, 0, count(1)));
    b.say(b.patch(1, 0, count(1)));
    c.take();
    c.say(c.patch(1, 0, count(1)));
    instance.host.disconnect(b.connection);
    expect(c.take()).toEqual(["stale 1"]);
  });
});

test("[P33] [G8] what an asynchronous action has published is told to its sender, also at hello", async () => {
  const { instance, ann, bob } = pair();
  ann.say(ann.action(1, "hold"));
  await new Promise((resolve) => setImmediate(resolve));
  const held: Patch = { op: "replace", path: ["title"], value: "held" };
  const told = ann.take();
  expect(told.slice(0, 2)).toEqual([["commit 1", held], "published 1"]);
  expect(bob.take()).toEqual([["commit 1", held]]);
  expect(instance.reports).toEqual([]);
});

describe("[G15] [G16] what a view hides", () => {
  const module = app
    .defineState({ open: 1, hands: { ann: [1], bob: [2] } as Record<string, number[]>, pin: 7 })
    .private(["pin"])
    .view((viewer) => ({ hide: ["hands.*"], show: [["hands", viewer.session.id]] }))
    .clientWrites(true)
    .persist(durableObjectStore(global()))
    .build();

  test.each<[string, Patch, string]>([
    ["is not writable", { op: "replace", path: ["hands", "bob"], value: [] }, "reject"],
    ["nor what contains it", { op: "replace", path: ["hands"], value: {} }, "reject"],
    ["nor what is private", { op: "replace", path: ["pin"], value: 1 }, "reject"],
    ["nor anything new in it", { op: "add", path: ["hands", "carol"], value: [] }, "reject"],
    ["what is seen is", { op: "replace", path: ["open"], value: 2 }, "ack"],
    ["what is shown in it is", { op: "replace", path: ["hands", "ann", 0], value: 3 }, "ack"],
  ])("%s", (_name, patch, answer) => {
    const instance = new TestInstance(module);
    const ann = new Peer(instance, "ann");
    const told = ann.say(ann.patch(1, 0, patch)).at(-1);
    expect(told).toBe(answer === "ack" ? "ack 1 at 1" : "reject 1 WRITE_FORBIDDEN");
  });
});
