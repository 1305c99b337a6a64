import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeValue } from "../codec/encode-value.ts";
import { keys, values } from "../testing/arbitraries.fixture.ts";
import { randomPatches } from "../testing/random-patches.fixture.ts";
import { refusal } from "../testing/refusal.fixture.ts";
import { sameValue } from "../testing/same-value.fixture.ts";
import { CLIENT_MESSAGES, COMMIT, SERVER_MESSAGES } from "../testing/sample-messages.fixture.ts";
import type { Value } from "../value.ts";
import { decodeClientFrame } from "./decode-client-frame.ts";
import { decodeServerFrame } from "./decode-server-frame.ts";
import { encodeMessage } from "./encode-message.ts";
import { joinFrame } from "./join-frame.ts";

describe("encodeMessage", () => {
  test.each(CLIENT_MESSAGES.map((message) => [message.type, message] as const))(
    "[P7] %s of a client comes back as it was",
    (_type, message) => {
      const [decoded] = decodeClientFrame(encodeMessage(message));
      expect(sameValue(decoded, message)).toBe(true);
    },
  );

  test.each(SERVER_MESSAGES.map((message) => [message.type, message] as const))(
    "[P7] %s of a host comes back as it was",
    (_type, message) => {
      const [decoded] = decodeServerFrame(encodeMessage(message));
      expect(sameValue(decoded, message)).toBe(true);
    },
  );

  test("[P8] any value travels as payload, result, state and in patches", () => {
    fc.assert(
      fc.property(values, values, randomPatches(6), (value, state, program) => {
        const { patches } = program(state);
        const [action] = decodeClientFrame(
          encodeMessage({
            type: "action",
            client: "c",
            seq: 1,
            settled: 0,
            name: "n",
            payload: value,
          }),
        );
        expect(action?.type === "action" && sameValue(value, action.payload)).toBe(true);
        const frame = joinFrame([
          encodeMessage({ type: "ack", client: "c", seq: 1, version: 1, result: value }),
          encodeMessage({
            type: "snapshot",
            epoch: "e",
            version: 1,
            mark: "m",
            schema: "s",
            state: value,
          }),
          encodeMessage({ type: "commit", version: 1, mark: "m", patches }),
        ]);
        const [ack, snapshot, commit] = decodeServerFrame(frame);
        expect(ack?.type === "ack" && sameValue(value, ack.result)).toBe(true);
        expect(snapshot?.type === "snapshot" && sameValue(value, snapshot.state)).toBe(true);
        expect(commit?.type === "commit" && sameValue(patches, commit.patches)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test("[P39] a commit of one single-field replace takes at most 100 bytes beyond path and value", () => {
    fc.assert(
      fc.property(fc.array(keys, { maxLength: 5 }), fc.jsonValue(), (path, json) => {
        fc.pre(!JSON.stringify(json).includes("__proto__"));
        const text = encodeMessage({
          type: "commit",
          // The longest that there can be of both.
          version: Number.MAX_SAFE_INTEGER,
          mark: "m".repeat(16),
          // True because JSON is a value.
          patches: [{ op: "replace", path, value: json as Value }],
        });
        const rest = text.length - JSON.stringify(path).length - encodeValue(json).length;
        expect(rest).toBeLessThanOrEqual(100);
      }),
    );
  });

  test("[P71] every operation has exactly this text", () => {
    expect(encodeMessage(COMMIT)).toBe(
      '{"type":"commit","version":42,"mark":"mArK_2","patches":[' +
        [
          '["add",["rooms",{"$":"bigint","v":"1"},"x"],{"$":"Map","v":[[{"$":"undefined"},{"$":"-0"}]]}]',
          '["replace",[],{"$":"object","v":[["$","Map"]]}]',
          '["remove",["list",0]]',
          '["splice",["list"],1,2,["a",{"b":{"$":"NaN"}}]]',
          '["order",["list"],[1,0]]',
          '["members",["set"],[{"$":"NaN"},"x"],[null,{"$":"bigint","v":"2"}]]',
          '["append",["text"],"…\\ud800"]',
        ].join(",") +
        "]}",
    );
  });

  test("[P65] what cannot be encoded is refused, naming where it stands", () => {
    const payload = { f: () => 1 } as unknown as Value;
    expect(
      refusal(() =>
        encodeMessage({ type: "action", client: "c", seq: 1, settled: 0, name: "n", payload }),
      ).message,
    ).toMatch(/^payload\.f is a function/);
    expect(
      refusal(() =>
        encodeMessage({ type: "ack", client: "c", seq: 1, version: 1, result: [payload] }),
      ).message,
    ).toMatch(/^result\[0\]\.f is a function/);
    const patches = [
      { op: "splice", path: ["a", 2n], index: 0, remove: 0, value: [payload] } as const,
    ];
    expect(
      refusal(() => encodeMessage({ type: "commit", version: 1, mark: "m", patches })).message,
    ).toMatch(/^state\.a\[2n\]\[0\]\.f is a function/);
  });
});

describe("joinFrame", () => {
  const [one, two] = [
    encodeMessage({ type: "seen", read: 1 }),
    encodeMessage({ type: "seen", read: 2 }),
  ];

  test("[P5] leaves one message as it is, and puts several in an array, in order", () => {
    expect(joinFrame([one])).toBe(one);
    expect(decodeClientFrame(joinFrame([one]))).toEqual([{ type: "seen", read: 1 }]);
    expect(decodeClientFrame(joinFrame([one, two, one]))).toEqual(
      [1, 2, 1].map((read) => ({ type: "seen", read })),
    );
  });
});
