import { DEFAULT_LIMITS, decodeClientFrame, encodeMessage, type Value } from "@holdfast/protocol";
import { expect, test } from "vitest";
import { ActionText, encodePayload } from "./action-text.ts";

const CLIENT = "c".repeat(22);

test.each<[string, Value]>([
  ["a number", 1],
  ["text", 'a "quoted" ü'],
  ["null", null],
  ["tagged values", { when: new Date(1), all: new Map([[1, new Set([2n])]]), $: "x" }],
])("writes the very text of the codec: %s", (name, payload) => {
  const message = { type: "action", client: CLIENT, seq: 7, settled: 6, name, payload } as const;
  const text = new ActionText(
    CLIENT,
    name,
    encodePayload(payload, DEFAULT_LIMITS),
    DEFAULT_LIMITS,
  ).at(7, 6);
  expect(text).toBe(encodeMessage(message));
  expect(decodeClientFrame(text, DEFAULT_LIMITS)).toEqual([message]);
});

test("leaves the payload out where there is none", () => {
  const text = new ActionText(CLIENT, "reset", undefined, DEFAULT_LIMITS).at(1, 0);
  expect(decodeClientFrame(text, DEFAULT_LIMITS)).toEqual([
    { type: "action", client: CLIENT, seq: 1, settled: 0, name: "reset" },
  ]);
});

test("never takes more bytes than it says", () => {
  const text = new ActionText(CLIENT, "ü", JSON.stringify("€".repeat(100)), DEFAULT_LIMITS);
  const longest = text.at(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  expect(new TextEncoder().encode(longest).length).toBe(text.bytes);
});

test("[G14] the largest payload that fits a frame passes, one byte more is refused", () => {
  const overhead = new ActionText(CLIENT, "add", "", DEFAULT_LIMITS).bytes;
  const room = DEFAULT_LIMITS.frameInBytes - overhead;
  expect(() => new ActionText(CLIENT, "add", "x".repeat(room), DEFAULT_LIMITS)).not.toThrow();
  expect(() => new ActionText(CLIENT, "add", "x".repeat(room + 1), DEFAULT_LIMITS)).toThrow(
    expect.objectContaining({ code: "FRAME_TOO_LARGE" }),
  );
});
