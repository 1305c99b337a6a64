import { describe, expect, test } from "vitest";
import { canonicalEncode } from "../codec/canonical-encode.ts";
import { HoldfastError } from "../errors.ts";
import { decodeClientFrame } from "../messages/decode-client-frame.ts";
import { encodeMessage } from "../messages/encode-message.ts";
import { FrameAssembler } from "../messages/frame-assembler.ts";
import { joinFrame } from "../messages/join-frame.ts";
import type { ServerMessage } from "../messages/server-message.ts";
import { applyPatches } from "../patches/apply-patches.ts";
import { hostileFrame } from "./hostile-frame.fixture.ts";
import { seededRandom } from "./seeded-random.fixture.ts";
import { sameValue } from "./same-value.fixture.ts";
import { ACTION, CLIENT_MESSAGES, SERVER_MESSAGES } from "./sample-messages.fixture.ts";

const SEED = Number(process.env["HOSTILE_SEED"] ?? 20_261_122);
const FRAMES = Number(process.env["HOSTILE_FRAMES"] ?? 8_000);

const clientFrames = [
  ...CLIENT_MESSAGES.map(encodeMessage),
  joinFrame(CLIENT_MESSAGES.map(encodeMessage).slice(0, 4)),
  // Many messages hold no value; these do, so that hostile ones are often met.
  ...[1, 2, 3, 4, 5, 6].map((seq) =>
    encodeMessage({ ...ACTION, seq, payload: { deep: { list: [1, { a: [true, null, "x"] }] } } }),
  ),
];
const patches = [
  { op: "replace", path: ["list", 0], value: 1 },
  { op: "splice", path: ["list"], index: 0, remove: 1, value: [1, 2] },
  { op: "order", path: ["list"], permutation: [1, 0, 2] },
  { op: "members", path: ["set"], remove: [1], value: [3] },
  { op: "add", path: ["map", 2], value: {} },
  { op: "append", path: ["text"], value: "x" },
  { op: "remove", path: ["text"] },
] as const;
const STATE = { list: [1, 2, 3], set: new Set([1, 2]), map: new Map([[1, { n: 1 }]]), text: "t" };
const serverFrames = [
  ...SERVER_MESSAGES.map(encodeMessage),
  // As above.
  ...[1, 2, 3, 4, 5, 6].map((seq) =>
    encodeMessage({ type: "ack", client: "b", seq, version: 1, result: [{ a: [true, seq] }] }),
  ),
  ...patches.map((patch) =>
    encodeMessage({ type: "commit", version: 1, mark: "m", patches: [patch] }),
  ),
];

/** What could have been tampered with. */
function prototypes(): string {
  const objects = [
    Object,
    Array,
    Map,
    Set,
    Date,
    RegExp,
    Function,
    String,
    Number,
    Uint8Array,
    HoldfastError,
  ];
  return objects.map(({ prototype }) => Reflect.ownKeys(prototype).map(String).join()).join("\n");
}

function outcomeOf<T>(run: () => T): { readonly value: T } | { readonly code: string } {
  try {
    return { value: run() };
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    return { code: error.code };
  }
}

describe("[G17] hostile frames", { timeout: 60_000 + FRAMES * 5 }, () => {
  test("to a host: a typed error or valid messages, and nothing else happens", () => {
    const before = prototypes();
    const random = seededRandom(SEED);
    const codes = new Map<string, number>();
    for (let count = 0; count < FRAMES; count++) {
      const frame = hostileFrame(random, clientFrames);
      const outcome = outcomeOf(() => decodeClientFrame(frame));
      const code = "code" in outcome ? outcome.code : "accepted";
      codes.set(code, (codes.get(code) ?? 0) + 1);
      if (!("value" in outcome)) continue;
      // What is accepted is what it says: it goes round once more without a change.
      const again = decodeClientFrame(joinFrame(outcome.value.map(encodeMessage)));
      expect(sameValue(again, outcome.value)).toBe(true);
    }
    expect(prototypes()).toBe(before);
    expect("polluted" in {}).toBe(false);
    // A corpus that never gets past the first check, or never fails, would prove nothing.
    expect([...codes.keys()].sort()).toEqual([
      "FRAME_TOO_LARGE",
      "MALFORMED_FRAME",
      "PROTOCOL_UNSUPPORTED",
      "VALUE_TOO_DEEP",
      "VALUE_UNSUPPORTED",
      "accepted",
    ]);
    expect(codes.get("accepted")).toBeGreaterThan(FRAMES / 50);
  });

  test("to a client: a typed error or valid messages, and a state that only valid patches change", () => {
    const before = prototypes();
    const stateBefore = canonicalEncode(STATE);
    const random = seededRandom(SEED + 2);
    const codes = new Map<string, number>();
    for (let count = 0; count < FRAMES; count++) {
      const frame = hostileFrame(random, serverFrames);
      const outcome = outcomeOf(() => apply(new FrameAssembler().receive(frame)));
      const code = "code" in outcome ? outcome.code : "accepted";
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }
    expect(canonicalEncode(STATE)).toBe(stateBefore);
    expect(prototypes()).toBe(before);
    expect("polluted" in {}).toBe(false);
    expect([...codes.keys()].sort()).toEqual([
      "MALFORMED_FRAME",
      "PATCH_INVALID",
      "VALUE_TOO_DEEP",
      "VALUE_UNSUPPORTED",
      "accepted",
    ]);
    expect(codes.get("accepted")).toBeGreaterThan(FRAMES / 50);
  });

  test("are the same for the same seed, so that what was found can be found again", () => {
    const frames = (seed: number) => {
      const random = seededRandom(seed);
      return Array.from({ length: 50 }, () => hostileFrame(random, clientFrames));
    };
    expect(frames(7)).toEqual(frames(7));
    expect(frames(7)).not.toEqual(frames(8));
  });
});

/** The outcome of a commit is a state that encodes: nothing else has crept in. */
function apply(messages: readonly ServerMessage[]): void {
  for (const message of messages) {
    if (message.type === "commit") canonicalEncode(applyPatches(STATE, message.patches));
  }
}
