import { HoldfastError, type Limits } from "@holdfast/protocol";
import { describe, expect, test } from "vitest";
import { app } from "../module/builder.ts";
import { global } from "../module/key-strategy.ts";
import { durableObjectStore } from "../module/store.ts";
import { openNodeSqlite } from "../node/node-sqlite-port.ts";
import type { SqlPort } from "../storage/sql-port.ts";
import { failingPort } from "./failing-port.fixture.ts";
import { settled, TestInstance } from "./host.fixture.ts";
import { action } from "./test-module.fixture.ts";

const module = app
  .defineState({ log: [] as string[], secret: "s" })
  .persist(durableObjectStore(global()))
  .private(["secret"])
  .authorize(({ session, type }) => type === "connect" || session.id !== "")
  .events<{ rang: { at: string; list: string[] }; bell: undefined }>()
  .onAction("ring", ({ state, emit }, at: string) => {
    const list = [at];
    emit("rang", { at, list });
    list.push("later");
    state.log.push(at);
    emit("bell");
    if (at === "throw") throw new HoldfastError("REFUSED", "No.");
  })
  .onAction("only", ({ emit }) => emit("bell"))
  .onAction("tracked", ({ state, emit }) => emit("rang", { at: "t", list: state.log }))
  .onAction("many", ({ emit }, count: number) => {
    for (let left = count; left > 0; left--) emit("bell");
  })
  .onAction("large", ({ emit }, size: number) => {
    emit("rang", { at: "x".repeat(size), list: [] });
  })
  .onAction("slowly", async ({ state, emit, commit }, fails: boolean) => {
    emit("rang", { at: "first", list: [] });
    state.log.push("first");
    await commit();
    emit("rang", { at: "second", list: [] });
    await Promise.resolve();
    if (fails) throw new Error("no");
  })
  .onAction("later", ({ schedule, state }, ms: number) => {
    state.log.push("asked");
    return schedule(ms, "run", { said: "hi" });
  })
  .onAction("laterOnly", ({ schedule, now }) => schedule(new Date(now + 1_000), "run"))
  .onAction("laterNot", ({ schedule }) => {
    schedule(1_000, "run");
    throw new HoldfastError("REFUSED", "No.");
  })
  .onAction("laterWrong", ({ schedule }, name: string) => schedule(Number.NaN, name))
  .onAction("callOff", ({ unschedule }, id: string) => unschedule(id))
  .onAction("run", ({ state, session, user, randomId }, payload?: { said: string }) => {
    state.log.push(`ran ${payload?.said} ${session.id}${String(user)} ${randomId().length}`);
  })
  .onAction("laterSlow", ({ schedule }) => schedule(1_000, "runSlow"))
  .onAction("runSlow", async ({ state, commit }) => {
    state.log.push("begun");
    await commit();
    await Promise.resolve();
    state.log.push("done");
  })
  .onAction("laterCrash", ({ schedule }) => schedule(1_000, "crash"))
  .onAction("crash", ({ state }) => {
    state.log.push("half");
    throw new Error("no");
  })
  .build();

function begin(sql: SqlPort = openNodeSqlite(":memory:"), limits: Partial<Limits> = {}) {
  const instance = new TestInstance(module, { sql, limits });
  const alice = instance.join("alice", "c1");
  const bob = instance.join("bob", "c2");
  const silent = instance.silent("eve");
  for (const one of [alice, bob]) one.take();
  return { instance, alice, bob, silent, sql };
}

async function ring(instance: TestInstance, ms: number): Promise<void> {
  instance.now += ms;
  // Where an alarm throws, the platform rings again.
  await instance.host.alarms.ring().catch(() => {});
  await settled();
}

function log(instance: TestInstance): unknown {
  const [message] = instance.join("viewer", "c9").take();
  return message?.type === "snapshot" && (message.state as { log: unknown }).log;
}

describe("emit", () => {
  test("[P41] tells everybody who said hello, behind the commit and before the answer, as it was then", () => {
    const { instance, alice, bob, silent } = begin();
    instance.say(alice, action(1, "ring", "now"));
    const told = [
      { type: "commit", version: 1 },
      { type: "event", event: "rang", data: { at: "now", list: ["now"] } },
      { type: "event", event: "bell" },
    ];
    expect(alice.frames).toHaveLength(1);
    expect(alice.take()).toMatchObject([...told, { type: "ack" }]);
    expect(bob.frames).toHaveLength(1);
    expect(bob.take()).toMatchObject(told);
    expect(silent.frames).toEqual([]);
  });

  test("[G4] nobody is told what an action emits that throws", () => {
    const { instance, alice, bob } = begin();
    instance.say(alice, action(1, "ring", "throw"), action(2, "ring", "ok"));
    expect(alice.take().map(({ type }) => type)).toEqual([
      "reject",
      "commit",
      "event",
      "event",
      "ack",
    ]);
    expect(bob.frames.join()).not.toContain("throw");
  });

  test("[G1] nor before it is durable, and each only once", () => {
    const { port, fail } = failingPort(openNodeSqlite(":memory:"));
    const { instance, alice, bob } = begin(port);
    fail(1);
    instance.say(alice, action(1, "ring", "a"));
    expect(alice.take()).toMatchObject([{ type: "busy" }]);
    expect(bob.take()).toEqual([]);
    fail(1);
    // The write of both together fails; then each is tried alone.
    instance.say(alice, action(1, "ring", "a"), action(2, "ring", "b"));
    expect(bob.take().map(({ type }) => type)).toEqual([
      "commit",
      "event",
      "event",
      "commit",
      "event",
      "event",
    ]);
  });

  test("an action need not change anything to emit; what is tracked is unwrapped", () => {
    const { instance, alice, bob } = begin();
    instance.say(alice, action(1, "only"));
    expect(bob.take()).toEqual([{ type: "event", event: "bell" }]);
    instance.say(alice, action(2, "tracked"));
    expect(bob.take()).toEqual([{ type: "event", event: "rang", data: { at: "t", list: [] } }]);
  });

  test("[G14] too much is refused", () => {
    const { instance, alice } = begin(undefined, { effectsPerAction: 3 });
    alice.take();
    instance.say(alice, action(1, "many", 3), action(2, "many", 4), action(3, "large", 100_000));
    expect(alice.take().filter(({ type }) => type !== "event")).toMatchObject([
      { type: "ack" },
      { type: "reject", error: { code: "TOO_MANY_WRITES" } },
      { type: "reject", error: { code: "VALUE_TOO_LARGE" } },
    ]);
  });

  test.each([false, true])(
    "an asynchronous action emits with each of its commits (fails: %s)",
    async (fails) => {
      const { instance, alice, bob } = begin();
      instance.say(alice, action(1, "slowly", fails));
      await settled();
      const events = bob.take().flatMap((one) => (one.type === "event" ? [one.data] : []));
      const second = { at: "second", list: [] };
      expect(events).toEqual([{ at: "first", list: [] }, ...(fails ? [] : [second])]);
    },
  );
});

describe("schedule", () => {
  test("an action runs at its time, as the server, whom authorize is not asked about", async () => {
    const { instance, alice } = begin();
    instance.say(alice, action(1, "later", 5_000));
    expect(alice.take().at(-1)).toMatchObject({ type: "ack", result: expect.any(String) });
    expect(instance.alarm).toBe(instance.now + 5_000);
    await ring(instance, 4_999);
    expect(log(instance)).toEqual(["asked"]);
    await ring(instance, 1);
    expect(log(instance)).toEqual(["asked", "ran hi null 32"]);
    await ring(instance, 60_000);
    expect(log(instance)).toEqual(["asked", "ran hi null 32"]);
    expect(instance.reports).toEqual([]);
  });

  test("[G10] it outlives the memory; an action that does nothing but schedule is durable, too", async () => {
    const { instance, alice } = begin();
    instance.say(alice, action(1, "laterOnly"));
    instance.evict(alice);
    await ring(instance, 1_000);
    expect(log(instance)).toEqual(["ran undefined null 32"]);
  });

  test("[G4] nothing is scheduled by an action that throws, or whose write fails", async () => {
    const sql = openNodeSqlite(":memory:");
    const { port, fail } = failingPort(sql);
    const { instance, alice } = begin(port);
    instance.say(alice, action(1, "laterNot"));
    const count = (): unknown =>
      sql.run("SELECT name FROM sqlite_master WHERE name = 'holdfast_alarms'").length > 0 &&
      sql.run("SELECT count(*) AS n FROM holdfast_alarms")[0]?.["n"];
    expect(count()).toBe(false);
    for (const failures of [1, 2, 3]) {
      fail(failures);
      instance.say(alice, action(2, "laterOnly"));
      fail(0);
      expect(alice.take().at(-1)).toMatchObject({ type: "busy" });
      expect(Number(count())).toBe(0);
    }
    instance.say(alice, action(2, "laterOnly"));
    expect(count()).toBe(1);
    expect(instance.aborts).toEqual([]);
  });

  test.each([1, 2, 3, 4])(
    "[G2] it runs exactly once, however often its write fails and its alarm rings (%i)",
    async (failures) => {
      const { port, fail } = failingPort(openNodeSqlite(":memory:"));
      const { instance, alice } = begin(port);
      instance.say(alice, action(1, "laterOnly"), action(2, "laterSlow"));
      fail(failures);
      await ring(instance, 1_000);
      fail(0);
      for (let times = 0; times < 4; times++) {
        await ring(instance, 300_000);
        if (times === 1) instance.evict(alice);
      }
      expect([...(log(instance) as string[])].sort()).toEqual([
        "begun",
        "done",
        "ran undefined null 32",
      ]);
      expect(instance.aborts).toEqual([]);
    },
  );

  /** Fails at the statements that the pattern meets, while it is on. */
  function failingAt(pattern: RegExp): { sql: SqlPort; on: boolean } {
    const port = openNodeSqlite(":memory:");
    const faulty = {
      on: false,
      sql: {
        run: (text, ...bindings) => {
          if (faulty.on && pattern.test(text)) throw new Error("disk full");
          return port.run(text, ...bindings);
        },
        transaction: (work) => port.transaction(work),
      } satisfies SqlPort as SqlPort,
    };
    return faulty;
  }

  test("[G4] a schedule that cannot be stored takes its action along", () => {
    const faulty = failingAt(/INSERT INTO holdfast_alarms/);
    const { instance, alice } = begin(faulty.sql);
    faulty.on = true;
    instance.say(alice, action(1, "later", 5_000));
    expect(alice.take()).toMatchObject([{ type: "busy" }]);
    faulty.on = false;
    instance.evict(alice);
    expect(log(instance)).toEqual([]);
  });

  test("[G2] its row goes with its commit, not behind it", async () => {
    const faulty = failingAt(/DELETE FROM holdfast_alarms WHERE id = \? AND at/);
    const { instance, alice } = begin(faulty.sql);
    instance.say(alice, action(1, "laterOnly"), action(2, "laterSlow"));
    faulty.on = true;
    for (let times = 0; times < 3; times++) await ring(instance, 300_000);
    expect([...(log(instance) as string[])].sort()).toEqual([
      "begun",
      "done",
      "ran undefined null 32",
    ]);
  });

  test("[G4] one that throws leaves no trace, is told to the operator, and does not run again", async () => {
    const { instance, alice } = begin();
    instance.say(alice, action(1, "laterCrash"));
    await ring(instance, 1_000);
    expect(instance.reports.map(String)).toContain("Error: no");
    const { length } = instance.reports;
    await ring(instance, 600_000);
    expect(log(instance)).toEqual([]);
    expect(instance.reports).toHaveLength(length);
  });

  test("it can be called off", async () => {
    const { instance, alice } = begin();
    instance.say(alice, action(1, "later", 5_000));
    const ack = alice.take().at(-1);
    const id = ack?.type === "ack" ? (ack.result as string) : "";
    instance.say(alice, action(2, "callOff", id), action(3, "callOff", "ephemeral"));
    await ring(instance, 5_000);
    expect(log(instance)).toEqual(["asked"]);
  });

  test.each([
    ["run", "INPUT_INVALID"],
    ["missing", "UNKNOWN_ACTION"],
  ])("what cannot be is refused where it is asked for: %s", (name, code) => {
    const { instance, alice } = begin();
    instance.say(alice, action(1, "laterWrong", name));
    expect(alice.take()).toMatchObject([{ type: "reject", error: { code } }]);
  });
});
