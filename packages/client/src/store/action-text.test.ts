import { DEFAULT_LIMITS, decodeClientFrame, encodeMessage, type Value } from "@holdfast/protocol";
import { expect, test } from "vitest";
import { ActionText, type ActionWords, encodePayload } from "./action-text.ts";

const CLIENT = "c".repeat(22);

function words(name: string, payload: string | undefined): ActionWords {
  return { name, payload };
}

test.each<[string, Value]>([
  ["a number", 1],
  ["text", 'a "quoted" ü'],
  ["null", null],
  ["tagged values", { when: new Date(1), all: new Map([[1, new Set([2n])]]), $: "x" }],
])("writes the very text of the codec: %s", (name, payload) => {
  const message = { type: "action", client: CLIENT, seq: 7, settled: 6, name, payload } as const;
  const words = { name, payload: encodePayload(payload, DEFAULT_LIMITS) };
  const text = new ActionText(CLIENT, words, DEFAULT_LIMITS).at(7, 6);
  expect(text).toBe(encodeMessage(message));
  expect(decodeClientFrame(text, DEFAULT_LIMITS)).toEqual([message]);
});

test("leaves the payload out where there is none", () => {
  const text = new ActionText(CLIENT, words("reset", undefined), DEFAULT_LIMITS).at(1, 0);
  expect(decodeClientFrame(text, DEFAULT_LIMITS)).toEqual([
    { type: "action", client: CLIENT, seq: 1, settled: 0, name: "reset" },
  ]);
});

test("[P34] says the time that the prediction was told", () => {
  const text = new ActionText(CLIENT, { ...words("add", "1"), now: 1_700 }, DEFAULT_LIMITS);
  expect(decodeClientFrame(text.at(2, 1), DEFAULT_LIMITS)).toEqual([
    { type: "action", client: CLIENT, seq: 2, settled: 1, name: "add", payload: 1, now: 1_700 },
  ]);
});

test("never takes more bytes than it says", () => {
  const payload = JSON.stringify("€".repeat(100));
  const text = new ActionText(CLIENT, { name: "ü", payload, now: 1 }, DEFAULT_LIMITS);
  const longest = text.at(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  expect(new TextEncoder().encode(longest).length).toBe(text.bytes);
});

test("[G14] the largest payload that fits a frame passes, one byte more is refused", () => {
  const overhead = new ActionText(CLIENT, words("add", ""), DEFAULT_LIMITS).bytes;
  const room = DEFAULT_LIMITS.frameInBytes - overhead;
  const fitting = words("add", "x".repeat(room));
  expect(() => new ActionText(CLIENT, fitting, DEFAULT_LIMITS)).not.toThrow();
  const larger = words("add", "x".repeat(room + 1));
  expect(() => new ActionText(CLIENT, larger, DEFAULT_LIMITS)).toThrow(
    expect.objectContaining({ code: "FRAME_TOO_LARGE" }),
  );
});
