import { describe, expect, test } from "vitest";
import { DEFAULT_LIMITS } from "../limits.ts";
import { refusal } from "../testing/refusal.fixture.ts";
import { ACTION, HELLO } from "../testing/sample-messages.fixture.ts";
import { decodeClientFrame } from "./decode-client-frame.ts";
import { OLDEST_PROTOCOL, PROTOCOL_VERSION } from "../version.ts";
import { encodeMessage } from "./encode-message.ts";
import { joinFrame } from "./join-frame.ts";
import { PING_FRAME } from "./ping.ts";

const hello = JSON.parse(encodeMessage(HELLO)) as Record<string, unknown>;
const action = JSON.parse(encodeMessage(ACTION)) as Record<string, unknown>;
const seen = { type: "seen", read: 1 };

const without = (message: object, name: string) =>
  Object.fromEntries(Object.entries(message).filter(([key]) => key !== name));

function codeFor(frame: unknown): string {
  const text = typeof frame === "string" ? frame : JSON.stringify(frame);
  return refusal(() => decodeClientFrame(text)).code;
}

describe("decodeClientFrame", () => {
  test.each<[string, unknown]>([
    ["no JSON", "{"],
    ["nothing", ""],
    ["an empty array", []],
    ["an array in an array", [[seen]]],
    ["null", null],
    ["a number", 1],
    ["a string", '"hello"'],
    ["null among messages", [seen, null]],
    ["a ping with blanks", `${PING_FRAME} `],
    ["a ping among messages", `[${PING_FRAME}]`],
    ["an object without a type", {}],
    ["a type that is no string", { type: 1 }],
    ["an unknown type", { type: "patch" }],
    ["a message of a host", { type: "commit", version: 1, mark: "m", patches: [] }],
    ["an inherited name as a type", { type: "toString" }],
    ["__proto__ as a type", { type: "__proto__" }],
    ["an unknown field", { ...seen, more: 1 }],
    ["a field __proto__", '{"type":"seen","read":1,"__proto__":{"admin":true}}'],
    ["its fields in __proto__ only", '{"type":"seen","__proto__":{"read":1}}'],
    ["an escaped field __proto__", '{"type":"seen","read":1,"\\u005f_proto__":{}}'],
    ["two hellos", [hello, hello]],
    ["a hello behind others", [seen, hello]],
  ])("[P5][P7][P9][P15] refuses %s", (_what, frame) => {
    expect(codeFor(frame)).toBe("MALFORMED_FRAME");
    expect(({} as { admin?: unknown }).admin).toBeUndefined();
  });

  test.each(["type", "client", "seq", "settled", "name"])(
    "[P7] refuses an action without %s",
    (field) => {
      expect(codeFor(without(action, field))).toBe("MALFORMED_FRAME");
      expect(codeFor({ ...action, [field]: null })).toBe("MALFORMED_FRAME");
      expect(codeFor({ ...action, [field]: [action[field]] })).toBe("MALFORMED_FRAME");
      expect(codeFor({ ...action, [field]: { $: "undefined" } })).toBe("MALFORMED_FRAME");
    },
  );

  test.each([0, -1, 1.5, 2 ** 53, "1", true, { $: "bigint", v: "1" }, { $: "NaN" }])(
    "[P8] refuses the sequence %j",
    (seq) => {
      expect(codeFor({ ...action, seq })).toBe("MALFORMED_FRAME");
    },
  );

  test.each(["-1", "-0", "1e999", "-1e999", "0.1", "9007199254740992", "1e308"])(
    "[P8] refuses %s as settled and as a version",
    (number) => {
      expect(codeFor(JSON.stringify(action).replace('"settled":12', `"settled":${number}`))).toBe(
        "MALFORMED_FRAME",
      );
      expect(codeFor(`{"type":"seen","read":${number}}`)).toBe("MALFORMED_FRAME");
    },
  );

  test.each(["", "a b", "ü", "a".repeat(65), "a\n", "../a", "a\u0000"])(
    "[P8] refuses the client id %j",
    (client) => {
      expect(codeFor({ ...action, client })).toBe("MALFORMED_FRAME");
      expect(codeFor({ ...hello, clients: [{ id: client, settled: 0 }] })).toBe("MALFORMED_FRAME");
    },
  );

  test("[P8] takes what is just within the bounds", () => {
    const edge = {
      ...action,
      client: "a".repeat(64),
      seq: Number.MAX_SAFE_INTEGER,
      settled: Number.MAX_SAFE_INTEGER,
      name: "\ud800".repeat(256),
    };
    expect(decodeClientFrame(JSON.stringify(edge))).toHaveLength(1);
    expect(codeFor({ ...edge, name: "n".repeat(257) })).toBe("MALFORMED_FRAME");
    expect(codeFor({ ...edge, name: "" })).toBe("MALFORMED_FRAME");
  });

  test("[P16] another protocol number is refused before anything else of hello is looked at", () => {
    for (const protocol of [OLDEST_PROTOCOL - 1, PROTOCOL_VERSION + 1, -1, 2 ** 52]) {
      expect(codeFor({ ...hello, protocol, clients: "in another form", more: [] })).toBe(
        "PROTOCOL_UNSUPPORTED",
      );
    }
    for (let protocol = OLDEST_PROTOCOL; protocol <= PROTOCOL_VERSION; protocol++) {
      expect(decodeClientFrame(JSON.stringify({ ...hello, protocol }))).toMatchObject([
        { protocol },
      ]);
    }
    for (const protocol of [1.5, "1", null, [1], { $: "bigint", v: "1" }]) {
      expect(codeFor({ ...hello, protocol })).toBe("MALFORMED_FRAME");
    }
    expect(codeFor(without(hello, "protocol"))).toBe("MALFORMED_FRAME");
  });

  test("[P17] refuses a client id twice, and more than 64 of them", () => {
    const clients = Array.from({ length: 64 }, (_, index) => ({ id: `c${index}`, settled: index }));
    expect(decodeClientFrame(JSON.stringify({ ...hello, clients }))).toMatchObject([{ clients }]);
    expect(codeFor({ ...hello, clients: [...clients, { id: "one-more", settled: 0 }] })).toBe(
      "MALFORMED_FRAME",
    );
    expect(codeFor({ ...hello, clients: [clients[0], clients[0]] })).toBe("MALFORMED_FRAME");
    expect(codeFor({ ...hello, clients: [{ id: "c" }] })).toBe("MALFORMED_FRAME");
    expect(codeFor({ ...hello, clients: [{ id: "c", settled: 0, seq: 1 }] })).toBe(
      "MALFORMED_FRAME",
    );
  });

  test.each(["epoch", "version", "mark", "schema"])(
    "[P18] refuses a hello that lacks %s alone, or has it alone",
    (field) => {
      expect(codeFor(without(hello, field))).toBe("MALFORMED_FRAME");
      const bare = { type: "hello", protocol: 1, clients: [] };
      expect(codeFor({ ...bare, [field]: hello[field] })).toBe("MALFORMED_FRAME");
    },
  );

  test("[P15] takes a hello with actions behind it", () => {
    expect(
      decodeClientFrame(joinFrame([encodeMessage(HELLO), encodeMessage(ACTION)])),
    ).toMatchObject([{ type: "hello" }, { type: "action" }]);
  });

  test("[P6] refuses a frame that is too large before it parses it", () => {
    const limits = { ...DEFAULT_LIMITS, frameInBytes: 100 };
    const big = "é".repeat(51);
    expect(refusal(() => decodeClientFrame(big, limits)).code).toBe("FRAME_TOO_LARGE");
    // 100 bytes: it is parsed, and is no JSON.
    expect(refusal(() => decodeClientFrame(big.slice(1), limits)).code).toBe("MALFORMED_FRAME");
  });

  test("[P6] refuses too many messages", () => {
    const limits = { ...DEFAULT_LIMITS, messagesPerFrame: 3 };
    expect(decodeClientFrame(JSON.stringify([seen, seen, seen]), limits)).toHaveLength(3);
    expect(
      refusal(() => decodeClientFrame(JSON.stringify([seen, seen, seen, seen]), limits)).code,
    ).toBe("MALFORMED_FRAME");
  });

  test("[P5] refuses what is no text", () => {
    for (const frame of [new ArrayBuffer(3), new Uint8Array(2), undefined, null, 3, [seen], seen]) {
      expect(refusal(() => decodeClientFrame(frame)).code).toBe("MALFORMED_FRAME");
    }
  });

  test("[P8][P66] a payload that the codec refuses makes the frame void, naming the place", () => {
    const withPayload = (payload: string) =>
      `{"type":"action","client":"c","seq":1,"settled":0,"name":"n","payload":${payload}}`;
    expect(codeFor(withPayload('{"$":"nothing"}'))).toBe("VALUE_UNSUPPORTED");
    expect(codeFor(withPayload("[".repeat(65) + "]".repeat(65)))).toBe("VALUE_TOO_DEEP");
    expect(codeFor(withPayload("[".repeat(50_000) + "]".repeat(50_000)))).toBe("VALUE_TOO_DEEP");
    expect(refusal(() => decodeClientFrame(withPayload('[{"__proto__":1}]'))).message).toMatch(
      /^action\.payload\[0\] /,
    );
  });

  test("[G17] what is refused says which field, and repeats nothing of what was sent", () => {
    const secret = "s3cret";
    const { message } = refusal(() =>
      decodeClientFrame(JSON.stringify({ ...action, seq: secret })),
    );
    expect(message).toMatch(/action\.seq is not/);
    expect(message).not.toContain(secret);
  });
});
