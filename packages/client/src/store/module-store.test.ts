import { HoldfastError, PROTOCOL_VERSION } from "@holdfast/protocol";
import { describe, expect, test, vi } from "vitest";
import { settle } from "../page.fixture.ts";
import type { Reducer } from "./prediction.ts";
import { outcome, StoreBench } from "./store.fixture.ts";

// True because these tests dispatch what the reducers take.
const increment = ((draft: { n: number }, by: number) => {
  draft.n += by;
}) as Reducer;
const push = ((draft: { list: unknown[] }, item: unknown) => draft.list.push(item)) as Reducer;

describe("confirmed state", () => {
  test("there is none before the first snapshot, and reading it changes nothing", () => {
    const { store } = new StoreBench();
    expect(store.getSnapshot()).toEqual({ restored: false, state: undefined, pending: 0 });
    expect(store.getSnapshot()).toBe(store.getSnapshot());
  });

  test("[G6] applies the commits of one frame as one change, and keeps what they left alone", () => {
    const bench = new StoreBench();
    bench.greet({ n: 0, list: [1], other: {} });
    const before = bench.state as { list: number[]; other: object };
    bench.notified = 0;
    expect(
      bench.store.receive([bench.replace(1, ["n"], 1), bench.replace(2, ["list", 0], 2)]),
    ).toBe(true);
    expect(bench.state).toEqual({ n: 1, list: [2], other: {} });
    expect((bench.state as typeof before).other).toBe(before.other);
    expect(before.list).toEqual([1]);
    expect(bench.notified).toBe(1);
  });

  test.each([
    ["skips a version", 2],
    ["repeats one", 0],
  ])("[G6] a commit that %s is refused with its whole frame", async (_, version) => {
    const bench = new StoreBench();
    bench.greet({ n: 0 });
    const promise = bench.store.dispatch("add");
    await bench.frames();
    const before = bench.store.getSnapshot();
    const frame = [bench.ack(1, 0), bench.replace(version, ["n"], 9)];
    expect(bench.store.receive(frame)).toBe(false);
    expect(bench.store.getSnapshot()).toBe(before);
    expect(await outcome(promise)).toBe("open");
  });

  test("[G6] a commit that does not fit the state throws and applies nothing", () => {
    const bench = new StoreBench();
    bench.greet({ n: 0 });
    const frame = [bench.replace(1, ["n"], 1), bench.replace(2, ["missing"], 1)];
    expect(() => bench.store.receive(frame)).toThrow(
      expect.objectContaining({ code: "PATCH_INVALID" }),
    );
    expect(bench.state).toEqual({ n: 0 });
    expect(bench.store.confirmed?.version).toBe(0);
  });

  test("[G6] an ack for a version that is not here is refused, and its action stays open", async () => {
    const bench = new StoreBench();
    bench.greet({ n: 0 });
    const promise = bench.store.dispatch("add");
    await bench.frames();
    expect(bench.store.receive([bench.ack(1, 1)])).toBe(false);
    expect(await outcome(promise)).toBe("open");
  });

  test("[G9] hello names what is at hand, and a resync names nothing", () => {
    const bench = new StoreBench();
    const clients = [{ id: bench.store.client, settled: 0 }];
    expect(bench.store.hello(false)).toEqual({
      type: "hello",
      protocol: PROTOCOL_VERSION,
      clients,
    });
    bench.greet({ n: 0 });
    bench.store.receive([bench.replace(1, ["n"], 1)]);
    expect(bench.store.hello(false)).toEqual({
      type: "hello",
      protocol: PROTOCOL_VERSION,
      clients,
      epoch: "e",
      version: 1,
      mark: "m1",
      schema: "s",
    });
    expect(bench.store.hello(true)).toEqual({ type: "hello", protocol: PROTOCOL_VERSION, clients });
  });

  test("commits that come before the answer to hello are in that answer, and ignored", () => {
    const bench = new StoreBench();
    bench.greet({ n: 0 });
    bench.store.disconnected();
    expect(bench.store.receive([bench.replace(1, ["n"], 1)])).toBe(true);
    expect(bench.state).toEqual({ n: 0 });
    bench.store.receive([{ type: "resume", commits: [bench.replace(1, ["n"], 1)] }]);
    expect(bench.state).toEqual({ n: 1 });
  });

  test("a resume with nothing to resume from is refused", () => {
    const bench = new StoreBench();
    expect(bench.store.receive([{ type: "resume", commits: [] }])).toBe(false);
    expect(bench.store.isGreeted).toBe(false);
  });

  test("[G7] [P22] a snapshot replaces everything, and what is equal keeps its identity", () => {
    const bench = new StoreBench();
    bench.greet({ n: 0, list: [{ id: 1 }], gone: 1 });
    const before = bench.state as { list: object[] };
    bench.store.disconnected();
    bench.store.receive([bench.snapshot({ n: 5, list: [{ id: 1 }] }, 70)]);
    expect(bench.state).toEqual({ n: 5, list: [{ id: 1 }] });
    expect((bench.state as typeof before).list).toBe(before.list);
    expect(bench.store.confirmed?.version).toBe(70);
  });

  test("[G2] a snapshot in the middle of a link sends nothing again", async () => {
    const bench = new StoreBench();
    bench.greet({ n: 0 });
    void bench.store.dispatch("add");
    void bench.store.dispatch("add");
    await bench.frames();
    bench.store.receive([bench.ack(1, 0), bench.snapshot({ n: 9 }, 9), bench.busy(2, 0)]);
    await bench.page.advance(1);
    expect(await bench.sequences()).toEqual([[2]]);
    bench.store.receive([bench.snapshot({ n: 10 }, 10)]);
    expect(await bench.sequences()).toEqual([]);
    expect(bench.state).toEqual({ n: 10 });
  });

  test("an equal snapshot changes nothing at all", () => {
    const bench = new StoreBench();
    bench.greet({ n: 0 });
    bench.notified = 0;
    bench.store.disconnected();
    bench.greet({ n: 0 }, 3);
    expect(bench.notified).toBe(0);
    expect(bench.store.confirmed?.version).toBe(3);
  });
});

describe("predictions", () => {
  test("[G8] an action shows at once, and nothing changes when the server does what was predicted", async () => {
    const bench = new StoreBench();
    bench.greet({ n: 0, list: [{ id: 1 }] });
    const promise = bench.store.dispatch("increment", 2, increment);
    void bench.store.dispatch("push", { id: 2 }, push);
    const shown = bench.state;
    expect(shown).toEqual({ n: 2, list: [{ id: 1 }, { id: 2 }] });
    await bench.frames();
    bench.store.receive([
      bench.replace(1, ["n"], 2),
      bench.ack(1, 1, 2),
      bench.commit(2, { op: "add", path: ["list", 1], value: { id: 2 } }),
      bench.ack(2, 2),
    ]);
    expect(bench.state).toBe(shown);
    expect(await outcome(promise)).toBe(2);
    // The next commit leaves alone what it does not touch, the predicted nodes included.
    const { list } = bench.state as { list: object[] };
    bench.store.receive([bench.replace(3, ["n"], 3)]);
    expect((bench.state as { list: object[] }).list).toBe(list);
  });

  test("[G8] a resume that carries the own commit and its stored ack shows nothing twice", async () => {
    const bench = new StoreBench();
    bench.greet({ n: 0 });
    const promise = bench.store.dispatch("increment", 1, increment);
    await bench.frames();
    const shown: unknown[] = [];
    bench.store.subscribe(() => shown.push(bench.state));
    bench.store.disconnected();
    bench.store.receive([
      { type: "resume", commits: [bench.replace(1, ["n"], 1)] },
      bench.ack(1, 1),
    ]);
    // Told once, of `pending`; the state is the very same.
    expect(shown).toEqual([{ n: 1 }]);
    expect(await outcome(promise)).toBe(undefined);
    expect(await bench.sequences()).toEqual([]);
  });

  test("[G8] what others do shows below what is pending", async () => {
    const bench = new StoreBench();
    bench.greet({ n: 0, list: [] });
    void bench.store.dispatch("increment", 1, increment);
    await bench.frames();
    bench.store.receive([bench.replace(1, ["n"], 10)]);
    expect(bench.state).toMatchObject({ n: 11 });
    bench.store.receive([bench.replace(2, ["n"], 11), bench.ack(1, 2)]);
    expect(bench.state).toMatchObject({ n: 11 });
  });

  test("[G4] [G8] a refused prediction leaves no residue", async () => {
    const bench = new StoreBench();
    bench.greet({ n: 0, list: [1] });
    const before = bench.state;
    const promise = bench.store.dispatch("push", 2, push);
    void bench.store.dispatch("increment", 5, increment);
    await bench.frames();
    bench.store.receive([bench.reject(1)]);
    expect(bench.state).toEqual({ n: 5, list: [1] });
    expect(await outcome(promise)).toBe("REFUSED");
    bench.store.receive([bench.reject(2)]);
    expect(bench.state).toEqual(before);
  });

  test("[G8] an ack of an action that changed nothing takes its prediction away", async () => {
    const bench = new StoreBench();
    bench.greet({ n: 0 });
    void bench.store.dispatch("increment", 5, increment);
    await bench.frames();
    bench.store.receive([bench.ack(1, 0)]);
    expect(bench.state).toEqual({ n: 0 });
  });

  test("[G8] a reducer that throws drops only its own prediction, and is tried again on new state", async () => {
    const bench = new StoreBench();
    bench.greet({ n: 0, list: [] });
    // True because the draft is this test's state.
    const second = ((draft: { list: { done: boolean }[] }) => {
      const item = draft.list[0];
      if (!item) throw new HoldfastError("REFUSED", "no such item");
      item.done = true;
    }) as Reducer;
    void bench.store.dispatch("increment", 1, increment);
    void bench.store.dispatch("finish", undefined, second);
    void bench.store.dispatch("increment", 1, increment);
    expect(bench.state).toEqual({ n: 2, list: [] });
    expect(bench.store.getSnapshot().pending).toBe(3);
    expect(await bench.sequences()).toEqual([[1, 2, 3]]);
    bench.store.receive([
      bench.commit(1, { op: "add", path: ["list", 0], value: { done: false } }),
    ]);
    expect(bench.state).toEqual({ n: 2, list: [{ done: true }] });
    expect(bench.page.reports).toEqual([]);
  });

  test("a reducer with a mistake in it is reported once, and the action is sent all the same", async () => {
    const bench = new StoreBench();
    bench.greet({ n: 0 });
    const wrong: Reducer = () => (undefined as unknown as { x: { y: number } }).x.y;
    void bench.store.dispatch("wrong", undefined, wrong);
    bench.store.receive([bench.replace(1, ["n"], 1)]);
    expect(bench.state).toEqual({ n: 1 });
    expect(bench.page.reports).toHaveLength(1);
    expect(bench.page.reports[0]?.message).toContain('"wrong" threw');
    expect(await bench.sequences()).toEqual([[1]]);
  });

  test("an async reducer is a mistake", () => {
    const bench = new StoreBench();
    bench.greet({ n: 0 });
    void bench.store.dispatch("later", undefined, (async () => undefined) as Reducer);
    expect(String(bench.page.reports[0]?.cause)).toContain("synchronous");
  });

  test("time and ids are the same in every replay, and others in another action", () => {
    const bench = new StoreBench();
    bench.greet({ n: 0, list: [] });
    // True because the draft is this test's state.
    const stamp = ((
      draft: { list: unknown[] },
      _: undefined,
      { now, randomId }: { now: number; randomId: () => string },
    ) => draft.list.push([now, randomId(), randomId()])) as Reducer;
    void bench.store.dispatch("stamp", undefined, stamp);
    bench.page.now += 5_000;
    void bench.store.dispatch("stamp", undefined, stamp);
    const before = (bench.state as { list: [number, string, string][] }).list;
    bench.page.now += 5_000;
    bench.store.receive([bench.replace(1, ["n"], 1)]);
    const { list } = bench.state as { list: [number, string, string][] };
    expect(list).toEqual(before);
    expect(list).toBe(before);
    expect(new Set(list.flat()).size).toBe(6);
    expect(list[0]?.[1]).toMatch(/^[0-9a-f]{32}$/);
  });

  test("a payload changed after the call, or by the reducer, is the same in every replay", () => {
    const bench = new StoreBench();
    bench.greet({ n: 0, list: [] });
    // True because the draft is this test's state.
    const add = ((draft: { list: { n: number }[] }, item: { n: number }) => {
      draft.list.push(item);
      const last = draft.list.at(-1);
      if (last) last.n++;
    }) as Reducer;
    const payload = { n: 1 };
    void bench.store.dispatch("add", payload, add);
    payload.n = 100;
    expect(bench.state).toMatchObject({ list: [{ n: 2 }] });
    bench.store.receive([bench.replace(1, ["n"], 1)]);
    expect(bench.state).toMatchObject({ n: 1, list: [{ n: 2 }] });
  });

  test("edits Maps and Sets, and never the confirmed state", () => {
    const bench = new StoreBench();
    bench.greet({ map: new Map([["a", { n: 1 }]]), set: new Set([1]) });
    const before = bench.state as { map: Map<string, { n: number }>; set: Set<number> };
    // True because the draft is this test's state.
    const edit = ((draft: typeof before) => {
      draft.set.add(2);
      const a = draft.map.get("a");
      if (a) a.n = 2;
    }) as Reducer;
    void bench.store.dispatch("edit", undefined, edit);
    expect(bench.state).toEqual({ map: new Map([["a", { n: 2 }]]), set: new Set([1, 2]) });
    expect(before).toEqual({ map: new Map([["a", { n: 1 }]]), set: new Set([1]) });
  });

  test("one made before there is a state shows with the first one", () => {
    const bench = new StoreBench();
    void bench.store.dispatch("increment", 1, increment);
    expect(bench.store.getSnapshot()).toEqual({ restored: false, state: undefined, pending: 1 });
    bench.greet({ n: 5 });
    expect(bench.state).toEqual({ n: 6 });
  });

  test("without a reducer nothing shows before the server has answered", async () => {
    const bench = new StoreBench();
    bench.greet({ n: 0 });
    const before = bench.state;
    void bench.store.dispatch("increment", 1);
    expect(bench.state).toBe(before);
    expect(bench.store.getSnapshot().pending).toBe(1);
  });
});

/** What nobody has caught is told to the process by then. */
function endOfTask(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe("results and refusals", () => {
  test("a result is told after its effects can be seen", async () => {
    const bench = new StoreBench();
    bench.greet({ n: 0 });
    const seen = bench.store.dispatch("increment").then(() => bench.state);
    await bench.frames();
    bench.store.receive([bench.replace(1, ["n"], 1), bench.ack(1, 1)]);
    expect(await seen).toEqual({ n: 1 });
  });

  test("a refusal that somebody awaits is theirs, and told nowhere else", async () => {
    const bench = new StoreBench();
    bench.greet({});
    const unhandled = vi.fn();
    process.on("unhandledRejection", unhandled);
    const awaited = bench.store.dispatch("a");
    const caught = (async () => {
      try {
        await awaited;
        return "resolved";
      } catch (error) {
        return (error as HoldfastError).message;
      }
    })();
    await bench.frames();
    bench.store.receive([bench.reject(1, "not now")]);
    expect(await caught).toBe("not now");
    await bench.page.advance(10);
    await endOfTask();
    process.off("unhandledRejection", unhandled);
    expect(bench.rejections).toEqual([]);
    expect(unhandled).not.toHaveBeenCalled();
  });

  test("a refusal that nobody looks at goes to onRejected, once, and not to the platform", async () => {
    const bench = new StoreBench();
    bench.greet({});
    const unhandled = vi.fn();
    process.on("unhandledRejection", unhandled);
    void bench.store.dispatch("a");
    void bench.store.dispatch("b", () => 1);
    await bench.frames();
    bench.store.receive([bench.reject(1, "not now")]);
    await bench.page.advance(10);
    await endOfTask();
    process.off("unhandledRejection", unhandled);
    expect(bench.rejections.map(({ action, error }) => [action, error.code])).toEqual([
      ["b", "VALUE_UNSUPPORTED"],
      ["a", "REFUSED"],
    ]);
    expect(unhandled).not.toHaveBeenCalled();
  });

  test("one that is looked at in the same task, but later, is no business of onRejected", async () => {
    const bench = new StoreBench();
    const promise = bench.store.dispatch("b", () => 1);
    await settle();
    promise.catch(() => undefined);
    await bench.page.advance(10);
    expect(bench.rejections).toEqual([]);
  });

  test("one subscriber that throws stops neither the frame nor the others", () => {
    const bench = new StoreBench();
    bench.store.subscribe(() => {
      throw new Error("mine");
    });
    const other = vi.fn();
    bench.store.subscribe(other);
    bench.greet({ n: 0 });
    expect(other).toHaveBeenCalledTimes(1);
    expect(bench.page.reports).toMatchObject([{ message: "Holdfast: a listener threw." }]);
    expect(bench.store.receive([bench.replace(1, ["n"], 1)])).toBe(true);
  });
});

describe("the end", () => {
  test("rejects what was never sent with the reason, and what was sent as unknown", async () => {
    const bench = new StoreBench();
    bench.greet({ n: 0 });
    const sent = bench.store.dispatch("increment", 1, increment);
    await bench.frames();
    const waiting = bench.store.dispatch("increment", 1, increment);
    bench.store.disconnected();
    bench.store.end(new HoldfastError("FORBIDDEN", "not you"));
    expect(await outcome(sent)).toBe("OUTCOME_UNKNOWN");
    expect(await outcome(waiting)).toBe("FORBIDDEN");
    expect(bench.store.getSnapshot()).toEqual({ restored: true, state: { n: 0 }, pending: 0 });
    expect(await outcome(bench.store.dispatch("increment"))).toBe("FORBIDDEN");
    await bench.page.advance(120_000);
    expect(bench.stalled).toBe(0);
  });
});
