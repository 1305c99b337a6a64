import { canonicalEncode, type Limits } from "@holdfast/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TestConnection, TestInstance } from "./host.fixture.ts";
import { Reader } from "./reader.fixture.ts";
import { action, testModule } from "./test-module.fixture.ts";

const small: Partial<Limits> = {
  frameOutBytes: 4_000,
  unseenBytes: 20_000,
  seenEveryBytes: 5_000,
  rateBurst: 100_000,
};
const seenEvery = small.seenEveryBytes ?? 0;

function start(limits: Partial<Limits> = {}) {
  const instance = new TestInstance(testModule, { limits: { ...small, ...limits } });
  const writer = new TestConnection("writer");
  instance.host.connect(writer);
  instance.say(writer, { type: "hello", protocol: 1, clients: [{ id: "c1", settled: 0 }] });
  let seq = 0;
  /** Commits a text of so many characters; the writer reads everything at once. */
  const write = (length: number, times = 1): void => {
    for (; times > 0; times--) {
      const read = writer.frames.splice(0).reduce((sum, frame) => sum + frame.length, 0);
      if (read > 0) instance.say(writer, { type: "seen", read });
      instance.say(writer, { ...action(++seq, "note", "x".repeat(length)), settled: seq - 1 });
    }
  };
  /** The hash of what the server has, as somebody who comes now is given it. */
  const truth = (): string => {
    const late = new Reader(instance, { principal: "late", client: "late", seenEvery });
    late.readAll();
    instance.host.disconnect(late.connection);
    return canonicalEncode(late.replica?.state);
  };
  const reader = (client = "reader") => new Reader(instance, { client, seenEvery });
  return { instance, write, truth, reader };
}

describe("a reader that does not read", () => {
  test("[G14] [P43] is handed no more than the limit, and what it missed when it reads on, in order", () => {
    const { write, reader, truth } = start();
    const slow = reader();
    for (let round = 0; round < 100; round++) {
      write(1_000);
      expect(slow.unread).toBeLessThanOrEqual(20_000);
    }
    expect(slow.unread).toBeGreaterThan(18_000);
    expect(slow.connection.closed).toBeUndefined();
    slow.readAll();
    expect(slow.replica?.version).toBe(100);
    expect(canonicalEncode(slow.replica?.state)).toBe(truth());
    // It is level again: what comes is sent at once.
    write(10);
    slow.readAll();
    expect(slow.replica?.version).toBe(101);
  });

  test("[G14] [P43] is cut off with 4008 when it has read nothing for 20 s, also when nothing more happens", async () => {
    const { instance, write, reader, truth } = start();
    const slow = reader();
    write(1_000, 30);
    await instance.move(19_000);
    expect(slow.connection.closed).toBeUndefined();
    await instance.move(1_000);
    expect(slow.connection.closed).toEqual({ code: 4008, reason: "SLOW_READER" });
    // What it was handed is of use: it comes back with that.
    slow.readAll();
    expect(slow.told).toMatchObject([{ type: "error", error: { code: "SLOW_READER" } }]);
    slow.connect();
    slow.readAll();
    expect(canonicalEncode(slow.replica?.state)).toBe(truth());
  });

  test("[G14] is not cut off as long as it reads, however slowly", async () => {
    const { instance, write, reader } = start();
    const slow = reader();
    write(1_000, 60);
    for (let round = 0; round < 30 && slow.replica?.version !== 60; round++) {
      await instance.move(15_000);
      for (let frames = 0; frames < 6; frames++) slow.read();
    }
    expect(slow.replica?.version).toBe(60);
    expect(slow.connection.closed).toBeUndefined();
    // Nothing waits any more, so nothing keeps the instance awake, or cuts anybody off.
    await instance.move(60_000);
    expect(slow.connection.closed).toBeUndefined();
  });

  test("[G14] is cut off with 4008 once it is further behind than the journal reaches", () => {
    const { write, reader, truth } = start({ resumeVersions: 10 });
    const slow = reader();
    write(1_000, 60);
    slow.readAll();
    expect(slow.connection.closed).toEqual({ code: 4008, reason: "SLOW_READER" });
    slow.connect();
    slow.readAll();
    expect(canonicalEncode(slow.replica?.state)).toBe(truth());
  });

  test("[G14] that goes on sending is cut off when the answers that wait become too many", () => {
    const { write, reader } = start();
    const slow = reader();
    write(1_000, 30);
    for (let seq = 1; seq <= 2_000 && !slow.connection.closed; seq++) {
      slow.say({ ...action(seq, "increment"), client: "reader", settled: seq - 1 });
    }
    expect(slow.connection.closed).toEqual({ code: 4008, reason: "SLOW_READER" });
    expect(slow.unread).toBeLessThanOrEqual(20_500);
  });

  test("[G10] that loses its place in a hibernation is told to come back", () => {
    const { instance, write, reader, truth } = start();
    const slow = reader();
    const level = reader("level");
    write(1_000, 30);
    level.readAll();
    instance.evict(slow.connection, level.connection);
    expect(slow.connection.closed).toEqual({ code: 4008, reason: "SLOW_READER" });
    expect(level.connection.closed).toBeUndefined();
    slow.connect();
    slow.readAll();
    expect(canonicalEncode(slow.replica?.state)).toBe(truth());
  });
});

describe("answers", () => {
  test("[G8] to somebody who is behind come in the frame of their commit, each once", () => {
    const { write, reader, truth } = start();
    const slow = reader();
    write(1_000, 30);
    slow.say({ ...action(1, "increment"), client: "reader" });
    write(1_000, 10);
    slow.say(
      { ...action(2, "refuse"), client: "reader" },
      { ...action(3, "increment"), client: "reader" },
    );
    slow.readAll();
    expect(slow.told).toMatchObject([
      { type: "ack", seq: 1, version: 31 },
      { type: "reject", seq: 2 },
      { type: "ack", seq: 3, version: 42 },
    ]);
    expect(canonicalEncode(slow.replica?.state)).toBe(truth());
  });

  test("[G9] [P19] a long resume comes in portions, with each stored answer behind its commit", () => {
    const { instance, write, reader, truth } = start({ frameOutBytes: 100_000 });
    const slow = reader();
    slow.readAll();
    instance.host.disconnect(slow.connection);
    // Somebody else speaks for the same client meanwhile, and its answers are lost.
    for (let seq = 1; seq <= 20; seq++) {
      write(20_000);
      const other = new TestConnection("reader");
      instance.host.connect(other);
      instance.say(other, { type: "hello", protocol: 1, clients: [{ id: "reader", settled: 0 }] });
      instance.say(other, {
        ...action(seq, seq % 5 === 0 ? "refuse" : "increment"),
        client: "reader",
      });
      instance.host.disconnect(other);
    }
    slow.connect();
    expect(slow.unread).toBeLessThanOrEqual(100_000);
    slow.readAll();
    // In the client's order: no refusal overtakes what was acknowledged before it.
    expect(slow.told.map((one) => "seq" in one && one.seq)).toEqual(
      Array.from({ length: 20 }, (_, index) => index + 1),
    );
    expect(canonicalEncode(slow.replica?.state)).toBe(truth());
  });
});

describe("large states and commits", () => {
  test("[G14] a snapshot is of one version, read at the reader's pace, with what follows behind it", () => {
    const { write, reader, truth } = start({ resumeVersions: 1_000 });
    write(3_000, 100);
    const slow = reader();
    for (let round = 0; round < 200; round++) {
      expect(slow.unread).toBeLessThanOrEqual(20_000);
      if (round % 3 === 0) write(500);
      slow.read();
    }
    slow.readAll();
    expect(slow.replica?.version).toBe(167);
    expect(slow.connection.closed).toBeUndefined();
    expect(canonicalEncode(slow.replica?.state)).toBe(truth());
  });

  test("[G14] readers at different paces share one snapshot, though the state goes on changing", () => {
    const { instance, write, reader, truth } = start();
    write(3_000, 100);
    const readers: Reader[] = [];
    for (let count = 0; count < 12; count++) {
      readers.push(reader(`reader-${count}`));
      write(500);
    }
    for (const one of readers) for (let chunk = 0; chunk < 10; chunk++) one.read();
    // All of them are given the same version first.
    for (const one of readers) while (!one.replica && one.read());
    expect(new Set(readers.map((one) => one.replica?.version))).toEqual(new Set([100]));
    for (const one of readers) one.readAll();
    for (const one of readers) expect(canonicalEncode(one.replica?.state)).toBe(truth());
    expect(instance.aborts).toEqual([]);
  });

  test("[G14] large frames that wait are bounded: who has waited longest gives way", () => {
    const { write, reader } = start({ heldBytes: 700_000, resumeVersions: 4 });
    write(150_000, 3);
    const readers: Reader[] = [];
    for (let count = 0; count < 4; count++) {
      readers.push(reader(`reader-${count}`));
      // So much that the snapshot of before is of no use any more.
      write(150_000, 5);
    }
    const open = readers.map(({ connection }) => connection.closed === undefined);
    expect(open.slice(0, 2)).toEqual([false, false]);
    expect(readers[0]?.connection.closed).toEqual({ code: 4008, reason: "SLOW_READER" });
  });

  test("[G7] who says hello again while a first chunk found no room is sent nothing of that frame", () => {
    const { instance, write, reader, truth } = start();
    const slow = reader();
    while (slow.unread < 18_800) write(100);
    write(30_000);
    const hello = { type: "hello", protocol: 1, clients: [{ id: "reader", settled: 0 }] } as const;
    instance.say(slow.connection, hello);
    slow.readAll();
    expect(slow.connection.closed).toBeUndefined();
    expect(canonicalEncode(slow.replica?.state)).toBe(truth());
  });

  test("a commit that is larger than a frame reaches everybody, the slow ones, too", () => {
    const { write, reader, truth } = start();
    const [fast, slow] = [reader("fast"), reader("slow")];
    for (let round = 0; round < 5; round++) {
      write(50_000);
      fast.readAll();
    }
    expect(fast.replica?.version).toBe(5);
    expect(slow.unread).toBeLessThanOrEqual(20_000);
    slow.readAll();
    for (const one of [fast, slow]) expect(canonicalEncode(one.replica?.state)).toBe(truth());
  });
});

test("[G7] [G14] whatever is written and read when, nobody is handed too much and all converge", () => {
  const step = fc.oneof(
    fc.record({ write: fc.integer({ min: 1, max: 9_000 }) }),
    fc.record({ read: fc.nat(2), frames: fc.integer({ min: 1, max: 12 }) }),
    fc.record({ act: fc.nat(2) }),
    fc.record({ drop: fc.nat(2) }),
    fc.record({ hibernate: fc.constant(true) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const { instance, write, reader, truth } = start({ resumeVersions: 20 });
      const readers = [reader("a"), reader("b"), reader("c")];
      const sequences = [0, 0, 0];
      const back = (one: Reader): void => {
        one.readAll();
        if (one.connection.closed) one.connect();
      };
      for (const one of steps) {
        if ("write" in one) write(one.write);
        else if ("read" in one) {
          for (let frames = 0; frames < one.frames; frames++) readers[one.read]?.read();
        } else if ("act" in one) {
          const seq = (sequences[one.act] = (sequences[one.act] ?? 0) + 1);
          readers[one.act]?.say({
            ...action(seq, "increment"),
            client: "abc"[one.act] ?? "",
            settled: seq - 1,
          });
        } else if ("drop" in one) {
          const dropped = readers[one.drop];
          if (dropped) instance.host.disconnect(dropped.connection);
          dropped?.connect();
        } else {
          const open = readers.filter(({ connection }) => !connection.closed);
          instance.evict(...open.map(({ connection }) => connection));
        }
        for (const { unread } of readers) expect(unread).toBeLessThanOrEqual(20_500);
        for (const each of readers) if (each.connection.closed) back(each);
      }
      for (let round = 0; round < 3; round++) for (const each of readers) back(each);
      const state = truth();
      for (const each of readers) expect(canonicalEncode(each.replica?.state)).toBe(state);
      expect(instance.aborts).toEqual([]);
      expect(instance.reports).toEqual([]);
    }),
    { numRuns: 150 },
  );
});
