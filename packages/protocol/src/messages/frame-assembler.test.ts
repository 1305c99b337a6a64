import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DEFAULT_LIMITS } from "../limits.ts";
import { values } from "../testing/arbitraries.fixture.ts";
import { refusal } from "../testing/refusal.fixture.ts";
import { sameValue } from "../testing/same-value.fixture.ts";
import { utf8Length } from "../utf8-length.ts";
import { encodeMessage } from "./encode-message.ts";
import { FrameAssembler } from "./frame-assembler.ts";
import { joinFrame } from "./join-frame.ts";
import { OutgoingFrame } from "./outgoing-frame.ts";

const snapshot = (state: unknown) =>
  encodeMessage({
    type: "snapshot",
    epoch: "e",
    version: 1,
    mark: "m",
    schema: "s",
    state: state as string,
  });
const small = { ...DEFAULT_LIMITS, frameOutBytes: 200 };
/** The frames that a frame is sent as, where there is room for nothing but a chunk at a time. */
function chunksOf(texts: readonly string[], limits?: { frameOutBytes: number }): string[] {
  const frame = new OutgoingFrame(texts, limits);
  return Array.from({ length: frame.chunks }, (_, index) => frame.chunk(index));
}
const gap = encodeMessage({ type: "gap", client: "c", seq: 1 });

describe("OutgoingFrame", () => {
  test("[P46] leaves a frame that fits as it is", () => {
    const frame = snapshot("x".repeat(DEFAULT_LIMITS.frameOutBytes - snapshot("").length));
    expect(utf8Length(frame)).toBe(DEFAULT_LIMITS.frameOutBytes);
    expect(new OutgoingFrame([frame]).whole).toBe(frame);
    expect(new OutgoingFrame([`${frame} `]).whole).toBe(undefined);
    const half = frame.slice(frame.length / 2 + 2);
    expect(new OutgoingFrame([half, half]).whole).toBe(joinFrame([half, half]));
    expect(new OutgoingFrame([half, half, half]).whole).toBe(undefined);
  });

  test("[P46] cuts any frame into chunks within the limit, which put together are the frame", () => {
    const unit = fc.constantFrom('"', "\\", "a", "é", "한", "😀", "\ud800", "\u0000");
    fc.assert(
      fc.property(
        values,
        fc.string({ unit, maxLength: 2_000 }),
        fc.integer({ min: 120, max: 500 }),
        fc.nat(3),
        (value, text, limit, more) => {
          const state = [value, text];
          const texts = [snapshot(state), ...Array.from({ length: more }, () => gap)];
          const chunks = chunksOf(texts, { frameOutBytes: limit });
          for (const chunk of chunks) expect(utf8Length(chunk)).toBeLessThanOrEqual(limit);
          const assembler = new FrameAssembler();
          const received = chunks.map((chunk) => assembler.receive(chunk));
          expect(received.slice(0, -1).every((messages) => messages.length === 0)).toBe(true);
          expect(received.at(-1)?.slice(1)).toMatchObject(
            texts.slice(1).map(() => ({ type: "gap" })),
          );
          const [message] = received.at(-1) ?? [];
          expect(message?.type === "snapshot" && sameValue(state, message.state)).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("[P46] a frame of 8 MB goes in few chunks", () => {
    const state = Array.from({ length: 100_000 }, (_, id) => ({
      id,
      text: `"entry" number ${id} with ünicode`,
    }));
    const frame = snapshot(state);
    expect(new OutgoingFrame([frame]).whole).toBe(undefined);
    const chunks = chunksOf([frame]);
    for (const chunk of chunks)
      expect(utf8Length(chunk)).toBeLessThanOrEqual(DEFAULT_LIMITS.frameOutBytes);
    expect(chunks.length).toBeLessThanOrEqual(frame.length / 100_000);
  });

  test("ends whatever the limit", () => {
    expect(chunksOf([gap], { frameOutBytes: 1 }).length).toBe(gap.length);
  });
});

describe("FrameAssembler", () => {
  test("[P47] hands frames through, and takes one chunked frame after the other", () => {
    const assembler = new FrameAssembler();
    const texts = [snapshot({ a: "x".repeat(500) }), gap];
    for (let round = 0; round < 3; round++) {
      expect(assembler.receive(gap)).toMatchObject([{ type: "gap" }]);
      const chunks = chunksOf(texts, small);
      expect(chunks.length).toBeGreaterThan(3);
      const received = chunks.map((chunk) => assembler.receive(chunk));
      expect(received.at(-1)).toMatchObject([{ type: "snapshot" }, { type: "gap" }]);
    }
  });

  const chunk = (index: number, count: number, text = "1") =>
    encodeMessage({ type: "chunk", index, count, text });
  test.each<[string, string[]]>([
    ["a chunk that is not the first", [chunk(1, 2)]],
    ["a chunk twice", [chunk(0, 3), chunk(0, 3)]],
    ["a chunk left out", [chunk(0, 3), chunk(2, 3)]],
    ["another count", [chunk(0, 3), chunk(1, 2)]],
    ["an index that is the count", [chunk(0, 1, "[]"), chunk(1, 1)]],
    ["another message in between", [chunk(0, 2), gap]],
    ["chunks that make no frame", [chunk(0, 2), chunk(1, 2)]],
    ["a chunk inside chunks", [chunk(0, 1, chunk(0, 1, gap))]],
  ])("[P47] refuses %s", (_what, frames) => {
    const assembler = new FrameAssembler();
    const last = frames.pop();
    for (const frame of frames) {
      try {
        assembler.receive(frame);
      } catch {
        // Only the last one has to fail; the first of some makes no frame either.
      }
    }
    expect(refusal(() => assembler.receive(last)).code).toBe("MALFORMED_FRAME");
  });

  test("[P47] takes an error between two chunks: it says why the rest will not come", () => {
    const assembler = new FrameAssembler();
    const error = { code: "SLOW_READER", message: "too slow" } as const;
    assembler.receive(chunk(0, 2));
    expect(assembler.receive(encodeMessage({ type: "error", error }))).toMatchObject([{ error }]);
  });

  test("[P48] puts together no more than its limit, however many chunks", () => {
    const assembler = new FrameAssembler({ ...DEFAULT_LIMITS, assembledBytes: 250 });
    const text = "x".repeat(100);
    expect(assembler.receive(chunk(0, 1_000, text))).toEqual([]);
    expect(assembler.receive(chunk(1, 1_000, text))).toEqual([]);
    expect(refusal(() => assembler.receive(chunk(2, 1_000, text))).code).toBe("FRAME_TOO_LARGE");
  });
});
