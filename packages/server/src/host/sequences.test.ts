import type { Answer } from "@holdfast/protocol";
import { describe, expect, test } from "vitest";
import type { ClientRecord } from "../storage/journal-entry.ts";
import { type AnswerStore, Sequences, type Sequence } from "./sequences.ts";

/** Stands for a journal that holds `records`. */
function storing(
  ...records: readonly ClientRecord[]
): AnswerStore & { readonly settled: number[] } {
  const settled: number[] = [];
  return {
    settled,
    client: (principal, client) =>
      records.find((record) => record.principal === principal && record.client === client),
    settle: (_principal, _client, upTo) => void settled.push(upTo),
  };
}

const ack = (version: number): Answer => ({ type: "ack", version, result: undefined });
const at = (seq: number, settled = 0, client = "c1", principal = "p1"): Sequence => ({
  principal,
  client,
  seq,
  settled,
});

function run(sequences: Sequences, sequence: Sequence, answer: Answer): void {
  expect(sequences.decide(sequence)).toEqual({ type: "start" });
  sequences.start(sequence);
  sequences.finish(sequence, answer);
}

describe("sequences", () => {
  test("[G2] [P27] a duplicate of a finished sequence gets the stored answer", () => {
    const sequences = new Sequences(storing(), 256);
    run(sequences, at(1), ack(7));
    expect(sequences.decide(at(1))).toEqual({ type: "finished", answer: ack(7) });
  });

  test("[G2] [P26] [P27] a sequence that is settled is ignored, and its answer forgotten", () => {
    const store = storing();
    const sequences = new Sequences(store, 256);
    run(sequences, at(1), ack(1));
    run(sequences, at(2, 1), ack(2));
    expect(sequences.decide(at(1, 1))).toEqual({ type: "settled" });
    expect([...sequences.missed("p1", "c1", 1)]).toEqual([[2, ack(2)]]);
    expect(store.settled).toEqual([1]);
  });

  test("[G3] a sequence whose predecessor is unknown is a gap, and says which is expected", () => {
    const sequences = new Sequences(storing(), 256);
    run(sequences, at(1), ack(1));
    expect(sequences.decide(at(3))).toEqual({ type: "gap", expected: 2 });
    expect(sequences.decide(at(2, 0, "c2"))).toEqual({ type: "gap", expected: 1 });
  });

  test("an unknown client begins at the settled that it states", () => {
    const sequences = new Sequences(storing(), 256);
    expect(sequences.decide(at(41, 40))).toEqual({ type: "start" });
  });

  test("a client that settled more than is known goes on from there", () => {
    const sequences = new Sequences(storing(), 256);
    run(sequences, at(1), ack(1));
    expect(sequences.decide(at(6, 5))).toEqual({ type: "start" });
    expect(sequences.decide(at(7, 5))).toEqual({ type: "gap", expected: 6 });
  });

  test("the same client id of another principal is another client", () => {
    const sequences = new Sequences(storing(), 256);
    run(sequences, at(1), ack(1));
    expect(sequences.decide(at(1, 0, "c1", "p2"))).toEqual({ type: "start" });
  });

  test("[G14] no more than the limit may be open above settled", () => {
    const sequences = new Sequences(storing(), 2);
    run(sequences, at(1), ack(1));
    run(sequences, at(2), ack(2));
    expect(sequences.decide(at(3))).toEqual({ type: "full" });
    expect(sequences.decide(at(3, 1))).toEqual({ type: "start" });
  });

  test("[G3] what waited behind one that was opened again does not get in front of it by its second start", () => {
    const sequences = new Sequences(storing(), 256);
    for (const seq of [1, 2]) {
      sequences.decide(at(seq));
      sequences.start(at(seq));
    }
    sequences.reopen(at(1));
    // What its client is told of the first one has it send both again.
    expect(sequences.orderOf(at(2))).toBe("gap");
    sequences.start(at(1));
    // It waits behind the second one, which began to wait before.
    expect(sequences.orderOf(at(1))).toBe("following");
    expect(sequences.orderOf(at(2))).toBe("passed");
    sequences.reopen(at(2));
    expect(sequences.decide(at(2))).toEqual({ type: "start" });
    sequences.start(at(2));
    expect(sequences.orderOf(at(2))).toBe("following");
  });

  test("what was opened again may start again, and what follows waits for it", () => {
    const sequences = new Sequences(storing(), 256);
    run(sequences, at(1), ack(1));
    run(sequences, at(2), ack(2));
    sequences.reopen(at(2));
    sequences.reopen(at(1));
    expect(sequences.decide(at(2))).toEqual({ type: "gap", expected: 1 });
    run(sequences, at(1), ack(3));
  });

  test("[G3] [P27] one that is running holds up nobody, and is joined when it comes again", () => {
    const sequences = new Sequences(storing(), 256);
    expect(sequences.decide(at(1))).toEqual({ type: "start" });
    sequences.start(at(1));
    expect(sequences.decide(at(1))).toEqual({ type: "running" });
    run(sequences, at(2), ack(1));
    sequences.finish(at(1), ack(2));
    expect(sequences.decide(at(1))).toEqual({ type: "finished", answer: ack(2) });
    expect(sequences.decide(at(3))).toEqual({ type: "start" });
  });

  test("[G2] one of the middle that was cut short by a restart starts again, the others do not", () => {
    const record: ClientRecord = {
      principal: "p1",
      client: "c1",
      settled: 0,
      answers: [
        [1, ack(1)],
        [3, ack(2)],
      ],
    };
    const sequences = new Sequences(storing(record), 256);
    expect(sequences.decide(at(4))).toEqual({ type: "gap", expected: 2 });
    run(sequences, at(2), ack(3));
    expect(sequences.decide(at(3)).type).toBe("finished");
    expect(sequences.decide(at(4)).type).toBe("start");
  });

  test("what was stored goes on where it was", () => {
    const record: ClientRecord = {
      principal: "p1",
      client: "c1",
      settled: 1,
      answers: [
        [2, ack(2)],
        [3, ack(3)],
      ],
    };
    const sequences = new Sequences(storing(record), 256);
    expect(sequences.decide(at(1))).toEqual({ type: "settled" });
    expect(sequences.decide(at(3, 1))).toEqual({ type: "finished", answer: ack(3) });
    expect(sequences.decide(at(4, 1))).toEqual({ type: "start" });
  });

  test("a client that left is forgotten, unless its answers are not stored yet", () => {
    const sequences = new Sequences(storing(), 256);
    run(sequences, at(1), ack(1));
    sequences.addUnsaved([{ ...at(1), answer: ack(1) }]);
    sequences.forget("p1", "c1");
    expect(sequences.decide(at(1)).type).toBe("finished");
    sequences.clearUnsaved();
    sequences.forget("p1", "c1");
    expect(sequences.decide(at(1)).type).toBe("start");
  });
});
