import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DEFAULT_LIMITS } from "../limits.ts";
import { values } from "../testing/arbitraries.fixture.ts";
import { refusal } from "../testing/refusal.fixture.ts";
import { sameValue } from "../testing/same-value.fixture.ts";
import { utf8Length } from "../utf8-length.ts";
import { chunkFrame } from "./chunk-frame.ts";
import { encodeMessage } from "./encode-message.ts";
import { FrameAssembler } from "./frame-assembler.ts";
import { joinFrame } from "./join-frame.ts";

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
const gap = encodeMessage({ type: "gap", client: "c", seq: 1 });

describe("chunkFrame", () => {
  test("[P46] leaves a frame that fits as it is", () => {
    const frame = snapshot("x".repeat(DEFAULT_LIMITS.frameOutBytes - snapshot("").length));
    expect(utf8Length(frame)).toBe(DEFAULT_LIMITS.frameOutBytes);
    expect(chunkFrame(frame)).toEqual([frame]);
  });

  test("[P46] cuts any frame into chunks within the limit, which put together are the frame", () => {
    const unit = fc.constantFrom('"', "\\", "a", "é", "한", "😀", "\ud800", "\u0000");
    fc.assert(
      fc.property(
        values,
        fc.string({ unit, maxLength: 2_000 }),
        fc.integer({ min: 120, max: 500 }),
        (value, text, limit) => {
          const state = [value, text];
          const chunks = chunkFrame(snapshot(state), { frameOutBytes: limit });
          for (const chunk of chunks) expect(utf8Length(chunk)).toBeLessThanOrEqual(limit);
          const assembler = new FrameAssembler();
          const received = chunks.map((chunk) => assembler.receive(chunk));
          expect(received.slice(0, -1).every((messages) => messages.length === 0)).toBe(true);
          expect(received.at(-1)).toMatchObject([{ type: "snapshot" }]);
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
    const chunks = chunkFrame(frame);
    for (const chunk of chunks)
      expect(utf8Length(chunk)).toBeLessThanOrEqual(DEFAULT_LIMITS.frameOutBytes);
    // Escaping makes it larger: twice as many chunks as the frame has limits in it are plenty.
    expect(chunks.length).toBeLessThanOrEqual(
      (utf8Length(frame) / DEFAULT_LIMITS.frameOutBytes) * 2,
    );
  });

  test("ends whatever the limit", () => {
    expect(chunkFrame(gap, { frameOutBytes: 1 }).length).toBe(gap.length);
  });
});

describe("FrameAssembler", () => {
  test("[P47] hands frames through, and takes one chunked frame after the other", () => {
    const assembler = new FrameAssembler();
    const frame = joinFrame([snapshot({ a: "x".repeat(500) }), gap]);
    for (let round = 0; round < 3; round++) {
      expect(assembler.receive(gap)).toMatchObject([{ type: "gap" }]);
      const chunks = chunkFrame(frame, small);
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

  test("[P48] puts together no more than its limit, however many chunks", () => {
    const assembler = new FrameAssembler({ ...DEFAULT_LIMITS, assembledBytes: 250 });
    const text = "x".repeat(100);
    expect(assembler.receive(chunk(0, 1_000, text))).toEqual([]);
    expect(assembler.receive(chunk(1, 1_000, text))).toEqual([]);
    expect(refusal(() => assembler.receive(chunk(2, 1_000, text))).code).toBe("FRAME_TOO_LARGE");
  });
});
