import {
  encodeMessage,
  joinFrame,
  OutgoingFrame,
  PONG_FRAME,
  type Value,
} from "@holdfast/protocol";
import { describe, expect, test } from "vitest";
import { partAt } from "./inspect-value.ts";
import { Recorder } from "./recorder.ts";

function commit(version: number, value: Value): string {
  const patches = [{ op: "replace", path: ["n"], value } as const];
  return encodeMessage({ type: "commit", version, mark: "m", patches });
}

function snapshot(version: number, state: Value): string {
  return encodeMessage({ type: "snapshot", epoch: "e", version, mark: "m", schema: "s", state });
}

function action(seq: number, name: string, payload: Value = null): string {
  return encodeMessage({ type: "action", client: "c", seq, settled: 0, name, payload });
}

const HELLO = encodeMessage({ type: "hello", protocol: 1, clients: [] });

describe("the recorder", () => {
  test("keeps the states of commits, with what was before, and the bytes of their patches", () => {
    const recorder = new Recorder({ version: 3, state: { n: 0, list: [] } });
    recorder.frame(joinFrame([commit(4, 1), commit(5, "ä")]), false, 10);
    expect(recorder.versions.map(({ version, state }) => [version, state])).toEqual([
      [3, { n: 0, list: [] }],
      [4, { n: 1, list: [] }],
      [5, { n: "ä", list: [] }],
    ]);
    const [first, second] = recorder.versions.slice(1);
    expect(second?.before).toBe(first?.state);
    expect(partAt(second?.state, "list")).toBe(partAt(first?.state, "list"));
    expect(recorder.entries.map(({ what }) => what)).toMatchObject([
      { type: "commit", version: 4, bytes: '[["replace",["n"],1]]'.length },
      { type: "commit", version: 5, bytes: '[["replace",["n"],"ä"]]'.length + 1 },
    ]);
  });

  test("measures an action from its first sending to its answer, whichever that is", () => {
    const recorder = new Recorder({ version: 0, state: {} });
    recorder.frame(joinFrame([action(1, "a", new Map([["x", 1]])), action(2, "b")]), true, 100);
    recorder.frame(action(1, "a"), true, 900);
    const ack = encodeMessage({ type: "ack", client: "c", seq: 1, version: 0 });
    const error = { code: "REFUSED", message: "no" } as const;
    recorder.frame(ack, false, 130);
    recorder.frame(encodeMessage({ type: "reject", client: "c", seq: 2, error }), false, 150);
    recorder.frame(encodeMessage({ type: "ack", client: "other", seq: 2, version: 0 }), false, 190);
    expect(recorder.latencies).toEqual([30, 50]);
    expect(recorder.entries.map(({ what }) => what)).toEqual([
      {
        type: "action",
        name: "a",
        payload: new Map([["x", 1]]),
        answer: { milliseconds: 30, error: undefined },
      },
      {
        type: "action",
        name: "b",
        payload: null,
        answer: { milliseconds: 50, error: "REFUSED: no" },
      },
    ]);
  });

  test("begins with whatever snapshot comes, also in chunks, and anew on every link", () => {
    const recorder = new Recorder(undefined);
    recorder.frame(commit(9, 1), false, 0);
    expect(recorder.versions).toEqual([]);
    const frame = new OutgoingFrame([snapshot(9, { n: "x".repeat(500) })], { frameOutBytes: 400 });
    const chunks = Array.from({ length: frame.chunks }, (_, index) => frame.chunk(index));
    recorder.frame(chunks[0] ?? "", false, 0);
    recorder.frame(HELLO, true, 1);
    for (const chunk of chunks) recorder.frame(chunk, false, 2);
    recorder.frame(PONG_FRAME, false, 3);
    recorder.frame("nonsense", false, 3);
    recorder.frame(commit(10, 2), false, 4);
    expect(recorder.versions.map(({ version }) => version)).toEqual([9, 10]);
  });

  test("[G14] is bounded, however much goes by", () => {
    const recorder = new Recorder({ version: 0, state: { n: 0 } });
    for (let version = 1; version <= 2_000; version++) {
      recorder.frame(action(version, "add"), true, version);
      const ack = encodeMessage({ type: "ack", client: "c", seq: version, version });
      recorder.frame(joinFrame([commit(version, version), ack]), false, version + 1);
    }
    expect(recorder.versions).toHaveLength(300);
    expect(recorder.entries).toHaveLength(300);
    expect(recorder.latencies).toHaveLength(60);
    expect(recorder.versions.at(-1)).toMatchObject({ version: 2_000, state: { n: 2_000 } });
  });
});
