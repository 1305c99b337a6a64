import { describe, expect, test } from "vitest";
import { openNodeSqlite } from "../node/node-sqlite-port.ts";
import { TestConnection, TestInstance } from "./host.fixture.ts";
import { action, testModule } from "./test-module.fixture.ts";

describe("greeting", () => {
  test("hello is answered with a snapshot of the initial state, and nothing is stored", () => {
    const sql = openNodeSqlite(":memory:");
    const instance = new TestInstance(testModule, { sql });
    const alice = instance.join("alice", "c1");
    expect(alice.take()).toEqual([
      {
        type: "snapshot",
        epoch: expect.any(String),
        version: 0,
        mark: expect.any(String),
        schema: expect.any(String),
        state: { count: 0, log: [] },
      },
    ]);
    expect(sql.run("SELECT name FROM sqlite_master")).toEqual([]);
  });

  test("[G9] [P19] [P20] a client that has a version gets the commits after it, and stored answers, in one frame", () => {
    const instance = new TestInstance(testModule);
    const alice = instance.join("alice", "c1");
    const [snapshot] = alice.take();
    instance.say(alice, action(1, "increment", 5));
    const answer = alice.take();
    instance.host.disconnect(alice);
    if (snapshot?.type !== "snapshot") throw new Error("no snapshot");

    const again = new TestConnection("alice");
    instance.host.connect(again);
    const { epoch, version, mark, schema } = snapshot;
    instance.say(again, {
      type: "hello",
      protocol: 1,
      clients: [{ id: "c1", settled: 0 }],
      epoch,
      version,
      mark,
      schema,
    });
    expect(again.frames).toHaveLength(1);
    expect(again.take()).toEqual([{ type: "resume", commits: [answer[0]] }, answer[1]]);
  });

  test("[P20] a client of another epoch, schema or mark gets a snapshot", () => {
    const instance = new TestInstance(testModule);
    const alice = instance.join("alice", "c1");
    const [snapshot] = alice.take();
    if (snapshot?.type !== "snapshot") throw new Error("no snapshot");
    const { epoch, version, mark, schema } = snapshot;
    const known = { epoch, version, mark, schema };
    for (const wrong of [
      { epoch: "other" },
      { schema: "other" },
      { mark: "zzzzzz" },
      { version: 9 },
    ]) {
      instance.say(alice, { type: "hello", protocol: 1, clients: [], ...known, ...wrong });
      expect(alice.take(), JSON.stringify(wrong)).toMatchObject([{ type: "snapshot" }]);
    }
    instance.say(alice, { type: "hello", protocol: 1, clients: [], ...known });
    expect(alice.take()).toEqual([{ type: "resume", commits: [] }]);
  });

  test("[P15] hello said again names another outbox and tells what is settled; no commit is sent twice", () => {
    const instance = new TestInstance(testModule);
    const alice = instance.join("alice", "c1");
    const [snapshot] = alice.take();
    if (snapshot?.type !== "snapshot") throw new Error("no snapshot");
    const { epoch, version, mark, schema } = snapshot;
    instance.say(alice, action(1, "increment", 5));
    expect(alice.take()).toMatchObject([{ type: "commit" }, { type: "ack", seq: 1 }]);
    const known = { epoch, version, mark, schema };
    const own = { id: "c1", settled: 0 };
    const clients = [own, { id: "gone", settled: 4 }];
    // It was sent before the commit arrived: the answer is stored, the commit on its way.
    instance.say(alice, { type: "hello", protocol: 1, clients, ...known });
    expect(alice.take()).toMatchObject([
      { type: "resume", commits: [] },
      { type: "ack", client: "c1", seq: 1 },
    ]);
    clients[0] = { ...own, settled: 1 };
    instance.say(alice, { type: "hello", protocol: 1, clients, ...known });
    expect(alice.take()).toEqual([{ type: "resume", commits: [] }]);
    instance.say(alice, { ...action(5, "increment", 1), client: "gone", settled: 4 });
    expect(alice.take()).toMatchObject([{ type: "commit" }, { type: "ack", client: "gone" }]);
  });
});

describe("frames of earlier", () => {
  test("[G2] one that comes again is no news to a host that has forgotten the client", () => {
    const instance = new TestInstance(testModule);
    const alice = instance.join("alice", "c1");
    const [snapshot] = alice.take();
    if (snapshot?.type !== "snapshot") throw new Error("no snapshot");
    instance.say(alice, action(1, "increment", 5));
    const [commit] = alice.take();
    if (commit?.type !== "commit") throw new Error("no commit");
    const { epoch, schema } = snapshot;
    const { version, mark } = commit;
    const clients = [{ id: "c1", settled: 1 }];
    instance.say(alice, { type: "hello", protocol: 1, clients, epoch, version, mark, schema });
    instance.evict(alice);
    alice.take();
    instance.say(alice, action(1, "increment", 5));
    expect(alice.take()).toEqual([]);
    instance.say(alice, { ...action(2, "increment", 5), settled: 1 });
    expect(alice.take()).toMatchObject([
      { type: "commit", version: 2 },
      { type: "ack", seq: 2 },
    ]);
  });
});

describe("links that follow each other", () => {
  test("[G8] what a client's older link still brings comes too late: it speaks through its newest", () => {
    const instance = new TestInstance(testModule);
    const old = instance.join("alice", "c1");
    const fresh = instance.join("alice", "c1");
    expect(old.closed).toMatchObject({ code: 1000 });
    old.take();
    fresh.take();
    instance.say(old, action(1, "increment", 5));
    expect([...old.take(), ...fresh.take()]).toEqual([]);
    instance.host.disconnect(old);
    instance.say(fresh, action(1, "increment", 5));
    expect(fresh.take()).toMatchObject([
      { type: "commit", version: 1 },
      { type: "ack", client: "c1", seq: 1, version: 1 },
    ]);
  });

  test("a link that says hello again, and those of other clients and principals, stay", () => {
    const instance = new TestInstance(testModule);
    const alice = instance.join("alice", "c1");
    const tab = instance.join("alice", "c2");
    const bob = instance.join("bob", "c1");
    instance.say(alice, { type: "hello", protocol: 1, clients: [{ id: "c1", settled: 0 }] });
    expect([alice, tab, bob].map(({ closed }) => closed)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe("actions", () => {
  test("[G1] [P31] [P35] [P36] the commit goes to everybody, its answer behind it to the sender only, after the write", () => {
    const sql = openNodeSqlite(":memory:");
    const instance = new TestInstance(testModule, { sql });
    const alice = instance.join("alice", "c1");
    const bob = instance.join("bob", "c2");
    const mallory = new TestConnection("mallory");
    instance.host.connect(mallory);
    alice.take();
    bob.take();
    let rowsAtFirstSend = -1;
    alice.onSend = bob.onSend = () => {
      if (rowsAtFirstSend === -1) {
        rowsAtFirstSend = Number(sql.run("SELECT count(*) AS n FROM holdfast_journal")[0]?.["n"]);
      }
    };
    instance.say(alice, action(1, "increment", 2));
    const commit = {
      type: "commit",
      version: 1,
      mark: expect.any(String),
      patches: [{ op: "replace", path: ["count"], value: 2 }],
    };
    expect(rowsAtFirstSend).toBe(1);
    expect(alice.frames).toHaveLength(1);
    expect(alice.take()).toEqual([
      commit,
      { type: "ack", client: "c1", seq: 1, version: 1, result: 2 },
    ]);
    expect(bob.frames.join()).not.toContain("c1");
    expect(bob.take()).toEqual([commit]);
    // Nobody who has not said hello is told anything.
    expect(mallory.frames).toEqual([]);
  });

  test("a default parameter counts where no payload is sent", () => {
    const instance = new TestInstance(testModule);
    const alice = instance.join("alice", "c1");
    alice.take();
    instance.say(alice, action(1, "increment"));
    expect(alice.take()[1]).toMatchObject({ type: "ack", result: 1 });
  });

  test("a frame's actions share one durable write, each with its version and answer", () => {
    const sql = openNodeSqlite(":memory:");
    const instance = new TestInstance(testModule, { sql });
    const alice = instance.join("alice", "c1");
    const bob = instance.join("bob", "c2");
    alice.take();
    bob.take();
    instance.say(alice, action(1, "increment"), action(2, "refuse"), action(3, "increment"));
    expect(alice.take().map(({ type }) => type)).toEqual([
      "commit",
      "ack",
      "reject",
      "commit",
      "ack",
    ]);
    expect(bob.frames).toHaveLength(1);
    expect(bob.take()).toMatchObject([
      { type: "commit", version: 1 },
      { type: "commit", version: 2, patches: [{ op: "replace", path: ["count"], value: 2 }] },
    ]);
    expect(sql.run("SELECT count(*) AS n FROM holdfast_journal")).toEqual([{ n: 1 }]);
  });

  test("[P40] an action that changes nothing makes no version, no row and no frame to others", () => {
    const sql = openNodeSqlite(":memory:");
    const instance = new TestInstance(testModule, { sql });
    const alice = instance.join("alice", "c1");
    const bob = instance.join("bob", "c2");
    alice.take();
    bob.take();
    instance.say(alice, action(1, "nothing"));
    expect(alice.take()).toEqual([
      { type: "ack", client: "c1", seq: 1, version: 0, result: "nothing" },
    ]);
    expect(bob.frames).toEqual([]);
    expect(sql.run("SELECT name FROM sqlite_master")).toEqual([]);
    // Its answer rides in the next row.
    instance.say(alice, action(2, "increment"));
    alice.take();
    instance.evict(alice, bob);
    alice.take();
    instance.say(alice, action(1, "nothing"), action(2, "increment"));
    expect(alice.take()).toMatchObject([
      { type: "ack", seq: 1, result: "nothing" },
      { type: "ack", seq: 2, result: 1 },
    ]);
  });

  test("[G4] an action that throws leaves no trace, and its refusal is stored like a result", () => {
    const instance = new TestInstance(testModule);
    const alice = instance.join("alice", "c1");
    const bob = instance.join("bob", "c2");
    alice.take();
    bob.take();
    instance.say(alice, action(1, "refuse"));
    const refusal = {
      type: "reject",
      client: "c1",
      seq: 1,
      error: { code: "REFUSED", message: "Not today." },
    };
    expect(alice.take()).toEqual([refusal]);
    expect(bob.frames).toEqual([]);
    instance.evict(alice);
    alice.take();
    instance.say(alice, action(1, "increment"));
    expect(alice.take()).toEqual([refusal]);
    const carol = instance.join("carol", "c3");
    expect(carol.take()).toMatchObject([
      { type: "snapshot", version: 0, state: { count: 0, log: [] } },
    ]);
  });

  test("[G19] what an unexpected error says stays on the server", () => {
    const instance = new TestInstance(testModule);
    const alice = instance.join("alice", "c1");
    alice.take();
    instance.say(alice, action(1, "crash"));
    const [reject] = alice.take();
    expect(reject).toMatchObject({ type: "reject", error: { code: "ACTION_FAILED" } });
    expect(JSON.stringify(reject)).not.toContain("secret");
    expect(instance.reports).toHaveLength(1);
  });

  test("[G14] a refusal's message is cut where it is too long to store", () => {
    const instance = new TestInstance(testModule);
    const alice = instance.join("alice", "c1");
    alice.take();
    instance.say(alice, action(1, "hugeRefusal"));
    const [reject] = alice.take();
    expect(reject?.type === "reject" ? reject.error.message.length : 0).toBe(1_000);
  });

  test.each([
    ["promise", undefined, "ASYNC_HANDLER"],
    ["missing", undefined, "UNKNOWN_ACTION"],
    ["toString", undefined, "UNKNOWN_ACTION"],
    ["huge", 1_000_001, "VALUE_TOO_LARGE"],
    ["hugeKey", 1_000_001, "VALUE_TOO_LARGE"],
    ["hugeResult", undefined, "RESULT_TOO_LARGE"],
  ])("%s is refused by its code, and the next action runs", (name, payload, code) => {
    const instance = new TestInstance(testModule);
    const alice = instance.join("alice", "c1");
    alice.take();
    instance.say(alice, action(1, name, payload));
    expect(alice.take()).toMatchObject([{ type: "reject", seq: 1, error: { code } }]);
    instance.say(alice, action(2, "increment"));
    expect(alice.take()).toMatchObject([
      { type: "commit", version: 1 },
      { type: "ack", result: 1 },
    ]);
  });

  test("a commit over its limit is refused whole", () => {
    const instance = new TestInstance(testModule, {
      limits: { commitBytes: 1_000, valueBytes: 900 },
    });
    const alice = instance.join("alice", "c1");
    alice.take();
    instance.say(alice, action(1, "many", 20));
    expect(alice.take()).toMatchObject([{ type: "reject", error: { code: "COMMIT_TOO_LARGE" } }]);
  });

  test("a result may be a part of the state: it is sent as a plain copy", () => {
    const instance = new TestInstance(testModule);
    const alice = instance.join("alice", "c1");
    alice.take();
    instance.say(alice, action(1, "note", "a"), action(2, "give"));
    expect(alice.take().at(-1)).toMatchObject({ type: "ack", seq: 2, result: ["a"] });
  });

  test("random ids differ, and are the same when an action is run again", () => {
    const results = [0, 1].map(() => {
      const instance = new TestInstance(testModule);
      const alice = instance.join("alice", "c1");
      alice.take();
      instance.say(alice, action(1, "ids"));
      const [ack] = alice.take();
      return ack?.type === "ack" ? ack.result : undefined;
    });
    expect(results[0]).toEqual(results[1]);
    expect(new Set(results[0] as string[]).size).toBe(3);
  });
});

describe("sequences", () => {
  test("[G2] a duplicate gets the stored answer, also after an eviction, and changes nothing", () => {
    const instance = new TestInstance(testModule);
    const alice = instance.join("alice", "c1");
    alice.take();
    instance.say(alice, action(1, "increment", 7));
    const [, ack] = alice.take();
    instance.say(alice, action(1, "increment", 7));
    expect(alice.take()).toEqual([ack]);
    instance.evict(alice);
    alice.take();
    instance.say(alice, action(1, "increment", 7));
    expect(alice.take()).toEqual([ack]);
    instance.say(alice, action(2, "increment", 1));
    expect(alice.take()[1]).toMatchObject({ result: 8 });
  });

  test("[G3] [P28] after a gap nothing of the frame runs; the client hears what is expected", () => {
    const instance = new TestInstance(testModule);
    const alice = instance.join("alice", "c1");
    alice.take();
    instance.say(alice, action(2, "increment"), action(3, "increment"));
    expect(alice.take()).toEqual([{ type: "gap", client: "c1", seq: 1 }]);
    instance.say(alice, action(1, "increment"), action(2, "increment"), action(3, "increment"));
    expect(alice.take().at(-1)).toMatchObject({ type: "ack", seq: 3, result: 3 });
  });

  test("[G14] [P29] over the rate, busy says when, and what follows waits with it", () => {
    const instance = new TestInstance(testModule, { limits: { rateBurst: 2, ratePerSecond: 10 } });
    const alice = instance.join("alice", "c1");
    alice.take();
    instance.say(alice, ...[1, 2, 3, 4].map((seq) => action(seq, "increment")));
    expect(alice.take().at(-1)).toEqual({ type: "busy", client: "c1", seq: 3, retryAfter: 100 });
    instance.now += 1_000;
    instance.say(alice, action(3, "increment"), action(4, "increment"));
    expect(alice.take().at(-1)).toMatchObject({ type: "ack", seq: 4, result: 4 });
  });
});
