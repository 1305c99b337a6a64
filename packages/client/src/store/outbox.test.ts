import type { ActionMessage } from "@holdfast/protocol";
import { describe, expect, test } from "vitest";
import { settle } from "../page.fixture.ts";
import { outcome, StoreBench } from "./store.fixture.ts";

function dispatchMany(bench: StoreBench, count: number): Promise<unknown>[] {
  return Array.from({ length: count }, (_, index) => bench.store.dispatch("add", index));
}

describe("frames", () => {
  test("[G3] [P25] numbers actions from 1 and sends those dispatched together as one frame, in order", async () => {
    const bench = new StoreBench();
    bench.greet({});
    void dispatchMany(bench, 3);
    const [frame, ...others] = await bench.frames();
    expect(others).toEqual([]);
    expect(frame).toEqual(
      [1, 2, 3].map((seq) => ({
        type: "action",
        client: bench.store.client,
        seq,
        settled: 0,
        name: "add",
        payload: seq - 1,
      })),
    );
  });

  test("a lone action goes out at once", async () => {
    const bench = new StoreBench();
    bench.greet({});
    void bench.store.dispatch("add");
    expect(await bench.sequences()).toEqual([[1]]);
  });

  test("[P32] one frame is on its way at a time; what queued up meanwhile is the next", async () => {
    const bench = new StoreBench();
    bench.greet({});
    void dispatchMany(bench, 2);
    expect(await bench.sequences()).toEqual([[1, 2]]);
    void bench.store.dispatch("add");
    await settle();
    void bench.store.dispatch("add");
    expect(await bench.sequences()).toEqual([]);
    bench.store.receive([bench.ack(1, 0)]);
    expect(await bench.sequences()).toEqual([]);
    bench.store.receive([bench.ack(2, 0)]);
    expect(await bench.sequences()).toEqual([[3, 4]]);
  });

  test("[P26] says how far everything is settled", async () => {
    const bench = new StoreBench();
    bench.greet({});
    const promises = dispatchMany(bench, 3);
    await bench.frames();
    bench.store.receive([bench.reject(1), bench.ack(3, 0)]);
    expect(bench.store.hello(false).clients).toEqual([{ id: bench.store.client, settled: 1 }]);
    bench.store.receive([bench.ack(2, 0)]);
    await Promise.allSettled(promises);
    void bench.store.dispatch("add");
    expect(await bench.frames()).toMatchObject([[{ seq: 4, settled: 3 }]]);
  });

  test("[G14] keeps every frame within its limit", async () => {
    const bench = new StoreBench({ frameInBytes: 1_000 });
    bench.greet({});
    for (let index = 0; index < 10; index++) void bench.store.dispatch("add", "x".repeat(300));
    const sizes: number[] = [];
    for (let guard = 0; guard < 20; guard++) {
      const [frame] = await bench.frames();
      if (!frame) break;
      sizes.push(JSON.stringify(frame).length);
      // True because a store sends nothing but actions.
      bench.store.receive((frame as ActionMessage[]).map(({ seq }) => bench.ack(seq, 0)));
    }
    expect(sizes).toHaveLength(5);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1_000);
  });

  test("[G14] leaves no more sequences open than the server keeps", async () => {
    const bench = new StoreBench({ openSequences: 4 });
    bench.greet({});
    void dispatchMany(bench, 10);
    expect(await bench.sequences()).toEqual([[1, 2, 3, 4]]);
    // 1 stays open, so that 2, 3 and 4 count as open as well.
    bench.store.receive([bench.ack(2, 0), bench.ack(3, 0), bench.ack(4, 0)]);
    expect(await bench.sequences()).toEqual([]);
    bench.store.receive([bench.ack(1, 0)]);
    expect(await bench.sequences()).toEqual([[5, 6, 7, 8]]);
  });

  test("[G14] refuses what does not fit the outbox, by count and by bytes", async () => {
    const bench = new StoreBench({ outboxActions: 3, outboxBytes: 1_000 });
    void dispatchMany(bench, 3);
    await expect(bench.store.dispatch("add")).rejects.toMatchObject({ code: "OUTBOX_FULL" });
    expect(bench.store.getSnapshot().pending).toBe(3);

    const other = new StoreBench({ outboxBytes: 1_000 });
    void other.store.dispatch("add", "x".repeat(600));
    await expect(other.store.dispatch("add", "x".repeat(600))).rejects.toMatchObject({
      code: "OUTBOX_FULL",
    });
    // An answer makes room again.
    other.greet({});
    await other.frames();
    other.store.receive([other.ack(1, 0)]);
    void other.store.dispatch("add", "x".repeat(600));
    expect(await other.sequences()).toEqual([[2]]);
  });

  test("[G11] what cannot be encoded is rejected at once, naming the path, and uses up no sequence", async () => {
    const bench = new StoreBench();
    bench.greet({});
    await expect(bench.store.dispatch("add", { list: [1, () => 1] })).rejects.toMatchObject({
      code: "VALUE_UNSUPPORTED",
      message: expect.stringContaining("payload.list[1]"),
    });
    await expect(bench.store.dispatch("add", "x".repeat(300_000))).rejects.toMatchObject({
      code: "FRAME_TOO_LARGE",
    });
    void bench.store.dispatch("add");
    expect(await bench.sequences()).toEqual([[1]]);
    expect(bench.notified).toBe(2);
  });

  test("a payload changed after the call is sent as it was", async () => {
    const bench = new StoreBench();
    bench.greet({});
    const payload = { n: 1 };
    void bench.store.dispatch("add", payload);
    payload.n = 2;
    expect(await bench.frames()).toMatchObject([[{ payload: { n: 1 } }]]);
  });
});

describe("reconnecting", () => {
  test("[G2] [P21] sends nothing before hello is answered, and then only what that answer left open", async () => {
    const bench = new StoreBench();
    bench.greet({ n: 0 });
    const promises = dispatchMany(bench, 4);
    expect(await bench.sequences()).toEqual([[1, 2, 3, 4]]);
    bench.store.disconnected();
    void bench.store.dispatch("add", 4);
    expect(await bench.sequences()).toEqual([]);
    bench.store.hello(false);
    bench.store.receive([
      { type: "resume", commits: [bench.replace(1, ["n"], 1)] },
      bench.ack(1, 1, "one"),
      bench.reject(2),
    ]);
    expect(await outcome(promises[0] ?? Promise.reject())).toBe("one");
    expect(await outcome(promises[1] ?? Promise.reject())).toBe("REFUSED");
    expect(await bench.sequences()).toEqual([[3, 4, 5]]);
  });

  test("[G2] an answer that comes twice is told once", async () => {
    const bench = new StoreBench();
    bench.greet({});
    const promise = bench.store.dispatch("add");
    await bench.frames();
    bench.store.receive([bench.ack(1, 0, "first")]);
    bench.store.receive([bench.ack(1, 0, "second")]);
    expect(await outcome(promise)).toBe("first");
    expect(bench.store.getSnapshot().pending).toBe(0);
    // The same for one that is kept, because one before it is open.
    void dispatchMany(bench, 2);
    await bench.frames();
    bench.store.receive([bench.ack(3, 0), bench.ack(3, 0)]);
    expect(bench.store.getSnapshot().pending).toBe(1);
  });

  test("an answer to somebody else's outbox is none of ours", async () => {
    const bench = new StoreBench();
    bench.greet({});
    const promise = bench.store.dispatch("add");
    await bench.frames();
    bench.store.receive([{ type: "ack", client: "z".repeat(22), seq: 1, version: 0 }]);
    expect(await outcome(promise)).toBe("open");
  });
});

describe("busy and gap", () => {
  test("[P29] busy: sends again from there on after the wait, jittered, and nothing before", async () => {
    const bench = new StoreBench();
    bench.greet({});
    const promises = dispatchMany(bench, 3);
    await bench.frames();
    bench.page.random = () => 1;
    bench.store.receive([bench.ack(1, 0, "done"), bench.busy(2, 1_000)]);
    void bench.store.dispatch("add");
    await bench.page.advance(1_499);
    expect(await bench.sequences()).toEqual([]);
    await bench.page.advance(1);
    expect(await bench.sequences()).toEqual([[2, 3, 4]]);
    expect(await outcome(promises[0] ?? Promise.reject())).toBe("done");
    expect(await outcome(promises[1] ?? Promise.reject())).toBe("open");
  });

  test("[G13] no wait that a server asks for is longer than a minute and its jitter", async () => {
    const bench = new StoreBench();
    bench.greet({});
    void bench.store.dispatch("add");
    await bench.frames();
    bench.store.receive([bench.busy(1, Number.MAX_SAFE_INTEGER)]);
    await bench.page.advance(90_000);
    expect(await bench.sequences()).toEqual([[1]]);
  });

  test("[G2] busy from the server for something settled sends nothing twice", async () => {
    const bench = new StoreBench();
    bench.greet({});
    void dispatchMany(bench, 2);
    await bench.frames();
    bench.store.receive([bench.ack(1, 0), bench.ack(2, 0), bench.busy(1, 10)]);
    await bench.page.advance(1_000);
    expect(await bench.sequences()).toEqual([]);
  });

  test("[P28] gap: sends everything above settled again, in order, the answered ones as well", async () => {
    const bench = new StoreBench();
    bench.greet({});
    const promises = dispatchMany(bench, 4);
    await bench.frames();
    bench.store.receive([bench.ack(1, 0), bench.ack(3, 0, "three")]);
    expect(await bench.sequences()).toEqual([]);
    bench.store.receive([bench.gap(2)]);
    expect(await bench.sequences()).toEqual([[2, 3, 4]]);
    bench.store.receive([bench.ack(2, 0), bench.ack(3, 0, "three again"), bench.ack(4, 0, "four")]);
    expect(await outcome(promises[2] ?? Promise.reject())).toBe("three");
    expect(await outcome(promises[3] ?? Promise.reject())).toBe("four");
    expect(bench.stalled).toBe(0);
  });

  test("[G13] a second gap without an answer in between gives the link up", async () => {
    const bench = new StoreBench();
    bench.greet({});
    void bench.store.dispatch("add");
    await bench.frames();
    bench.store.receive([bench.gap(1)]);
    expect(await bench.sequences()).toEqual([[1]]);
    expect(bench.stalled).toBe(0);
    bench.store.receive([bench.gap(1)]);
    expect(bench.stalled).toBe(1);
    expect(await bench.sequences()).toEqual([]);
  });

  test("[G13] a frame that nothing answers gives the link up", async () => {
    const bench = new StoreBench();
    bench.greet({});
    void bench.store.dispatch("add");
    await bench.frames();
    await bench.page.advance(29_000);
    expect(bench.stalled).toBe(0);
    await bench.page.advance(2_000);
    expect(bench.stalled).toBe(1);
  });

  test("an answered frame leaves no deadline behind", async () => {
    const bench = new StoreBench();
    bench.greet({});
    const promise = bench.store.dispatch("add");
    await bench.frames();
    bench.store.receive([bench.ack(1, 0)]);
    await promise;
    // What is settled is told after a quiet second; nothing else is waited for.
    await bench.page.advance(1_000);
    expect(bench.page.timers).toBe(0);
    expect(bench.stalled).toBe(0);
  });
});

describe("settled", () => {
  test("after a quiet second hello is said again, so that a client that vanishes costs no rows", async () => {
    const bench = new StoreBench();
    bench.greet({});
    void dispatchMany(bench, 2);
    await bench.frames();
    bench.store.receive([bench.ack(1, 0), bench.ack(2, 0)]);
    await bench.page.advance(999);
    expect(bench.greetings).toBe(0);
    await bench.page.advance(1);
    expect(bench.greetings).toBe(1);
    expect(bench.store.hello(false).clients).toEqual([{ id: bench.store.client, settled: 2 }]);
    await bench.page.advance(60_000);
    expect(bench.greetings).toBe(1);
  });

  test("it is not said again where a frame has told, or is going to", async () => {
    const bench = new StoreBench();
    bench.greet({});
    void bench.store.dispatch("add");
    await bench.frames();
    bench.store.receive([bench.ack(1, 0)]);
    void bench.store.dispatch("add");
    await bench.page.advance(5_000);
    expect(bench.greetings).toBe(0);
    expect((await bench.frames())[0]).toMatchObject([{ seq: 2, settled: 1 }]);
    bench.store.receive([bench.ack(2, 0)]);
    bench.store.disconnected();
    await bench.page.advance(60_000);
    expect(bench.greetings).toBe(0);
  });

  test("[G2] what is under way when hello is said again is not sent again", async () => {
    const bench = new StoreBench();
    bench.greet({ n: 0 });
    const running = bench.store.dispatch("add");
    expect(await bench.sequences()).toEqual([[1]]);
    bench.store.hello(false);
    bench.store.receive([bench.replace(1, ["n"], 1)]);
    bench.store.receive([{ type: "resume", commits: [] }]);
    expect(bench.state).toEqual({ n: 1 });
    expect(await bench.sequences()).toEqual([]);
    bench.store.receive([bench.ack(1, 1, "done")]);
    expect(await outcome(running)).toBe("done");
  });

  test("[G2] [G13] [P22] a snapshot that nobody asked for is a host that began afresh: what is open goes out again", async () => {
    const bench = new StoreBench();
    bench.greet({ n: 0 });
    const running = bench.store.dispatch("add");
    expect(await bench.sequences()).toEqual([[1]]);
    bench.store.receive([{ type: "received", client: bench.store.client, seq: 1 }]);
    // A deploy: the host that ran it is gone, and the socket is not.
    bench.store.receive([bench.snapshot({ n: 5 }, 3)]);
    expect(await bench.sequences()).toEqual([[1]]);
    bench.store.receive([bench.ack(1, 3, "done")]);
    expect(await outcome(running)).toBe("done");
  });

  test("[G2] with a keeper, settled is what is not kept any more", async () => {
    const bench = new StoreBench();
    const kept: string[] = [];
    const removals: (() => void)[] = [];
    bench.greet({});
    void bench.store.dispatch("early");
    bench.store.keepIn({
      add: (seq, { text }) => kept.push(`${seq} ${text.name}`),
      answered: (seq) => kept.push(`${seq} answered`),
      remove: (seq, onRemoved) => {
        kept.push(`${seq} removed`);
        removals.push(onRemoved);
      },
    });
    void dispatchMany(bench, 2);
    expect(kept).toEqual(["1 early", "2 add", "3 add"]);
    await bench.frames();
    kept.length = 0;
    bench.store.receive([bench.ack(1, 0), bench.ack(3, 0)]);
    expect(kept).toEqual(["1 removed", "3 answered"]);
    expect(bench.store.hello(false).clients[0]?.settled).toBe(0);
    removals[0]?.();
    expect(bench.store.hello(false).clients[0]?.settled).toBe(1);
    bench.store.receive([bench.ack(2, 0)]);
    expect(kept.at(-1)).toBe("3 removed");
    expect(bench.store.hello(false).clients[0]?.settled).toBe(1);
    removals[1]?.();
    expect(bench.store.hello(false).clients[0]?.settled).toBe(3);
  });
});
