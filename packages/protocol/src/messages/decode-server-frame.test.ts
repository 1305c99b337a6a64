import { describe, expect, test } from "vitest";
import { refusal } from "../testing/refusal.fixture.ts";
import { COMMIT, SERVER_MESSAGES } from "../testing/sample-messages.fixture.ts";
import { decodeServerFrame } from "./decode-server-frame.ts";
import { encodeMessage } from "./encode-message.ts";
import { joinFrame } from "./join-frame.ts";
import { PONG_FRAME } from "./ping.ts";

const commit = (patches: unknown) =>
  JSON.stringify({ type: "commit", version: 1, mark: "m", patches });
const codeFor = (frame: string) => refusal(() => decodeServerFrame(frame)).code;

describe("decodeServerFrame", () => {
  test("[P10] gives the messages of a frame in their order", () => {
    const messages = SERVER_MESSAGES.filter(({ type }) => type !== "chunk");
    const decoded = decodeServerFrame(joinFrame(messages.map(encodeMessage)));
    expect(decoded.map(({ type }) => type)).toEqual(messages.map(({ type }) => type));
  });

  test.each(
    SERVER_MESSAGES.map(
      (message) => [message.type, JSON.parse(encodeMessage(message)) as object] as const,
    ),
  )("[P7] refuses %s without any one of its fields, and with one more", (type, message) => {
    expect(codeFor(JSON.stringify({ ...message, more: 1 }))).toBe("MALFORMED_FRAME");
    for (const field of Object.keys(message)) {
      const { [field]: _, ...rest } = message as Record<string, unknown>;
      if ((type === "ack" && field === "result") || field === "data") continue;
      // Absent where the list goes on from what was told before.
      if (field !== "you") expect(codeFor(JSON.stringify(rest)), field).toBe("MALFORMED_FRAME");
      if (field === "state" || field === "result") continue;
      expect(codeFor(JSON.stringify({ ...rest, [field]: null })), field).toBe("MALFORMED_FRAME");
    }
  });

  test.each<[string, string]>([
    ["no JSON", "<html>"],
    ["nothing", "[]"],
    ["a pong among messages", `[${PONG_FRAME}]`],
    ["a message of a client", '{"type":"seen","read":1}'],
    ["a commit of version 0", '{"type":"commit","version":0,"mark":"m","patches":[]}'],
    ["a commit without a mark", '{"type":"commit","version":1,"mark":"","patches":[]}'],
    ["an error code that is none", '{"type":"error","error":{"code":"no code","message":""}}'],
    [
      "an error with a stack",
      '{"type":"error","error":{"code":"INTERNAL","message":"","stack":"at x"}}',
    ],
    [
      "a chunk among messages",
      '[{"type":"gap","client":"c","seq":1},{"type":"chunk","index":0,"count":1,"text":"1"}]',
    ],
    ["a chunk of nothing", '{"type":"chunk","index":0,"count":1,"text":""}'],
  ])("[P7][P46] refuses %s", (_what, frame) => {
    expect(codeFor(frame)).toBe("MALFORMED_FRAME");
  });

  test.each<[string, unknown]>([
    ["no list", {}],
    ["a patch that is an object", [{ op: "replace", path: [], value: 1 }]],
    ["an empty patch", [[]]],
    ["an unknown operation", [["move", ["a"], ["b"]]]],
    ["an inherited name as operation", [["toString", []]]],
    ["__proto__ as operation", [["__proto__", []]]],
    ["an operation that is no string", [[["replace"], [], 1]]],
    ["too few operands", [["replace", ["a"]]]],
    ["too many operands", [["remove", ["a"], 1]]],
    ["a path that is no list", [["remove", "a"]]],
    ["__proto__ in a path", [["replace", ["a", "__proto__", "b"], 1]]],
    ["a path of more than 32 segments", [["remove", Array(33).fill("a")]]],
    ["a list in a path", [["remove", [["a"]]]]],
    ["a Date in a path", [["remove", [{ $: "Date", v: 1 }]]]],
    ["a negative index", [["splice", ["a"], -1, 0, []]]],
    ["half an item to remove", [["splice", ["a"], 0, 0.5, []]]],
    ["values that are no list", [["splice", ["a"], 0, 0, {}]]],
    ["an order of strings", [["order", ["a"], ["0"]]]],
    ["members that are no primitives", [["members", ["a"], [], [[]]]]],
    ["text that is a number", [["append", ["a"], 1]]],
  ])("[P7][P70] refuses patches with %s", (_what, patches) => {
    expect(codeFor(commit(patches))).toBe("MALFORMED_FRAME");
    expect(({} as { b?: unknown }).b).toBeUndefined();
  });

  test("[P66] what a patch brings may be as deep as fits below its path, and no deeper", () => {
    const path = Array(31).fill("a");
    const nested = (levels: number) => "[".repeat(levels) + "]".repeat(levels);
    const add = (value: string) =>
      `{"type":"commit","version":1,"mark":"m","patches":[["add",${JSON.stringify(path)},${value}]]}`;
    const splice = (value: string) =>
      add(value).replace('"add"', '"splice"').replace(value, `0,0,[${value}]`);
    expect(decodeServerFrame(add(nested(33)))).toHaveLength(1);
    expect(codeFor(add(nested(34)))).toBe("VALUE_TOO_DEEP");
    expect(decodeServerFrame(splice(nested(32)))).toHaveLength(1);
    expect(codeFor(splice(nested(33)))).toBe("VALUE_TOO_DEEP");
    expect(
      refusal(() => decodeServerFrame(commit([["add", ["a", 1], { $: "x" }]]))).message,
    ).toMatch(/^state\.a\[1\] /);
  });

  test("[P92] an error code of a newer server is taken for what it says", () => {
    expect(
      decodeServerFrame('{"type":"error","error":{"code":"BRAND_NEW","message":"m"}}'),
    ).toEqual([{ type: "error", error: { code: "BRAND_NEW", message: "m" } }]);
  });

  test("[P35] a commit decodes to the same from a frame of its own and from a resume", () => {
    const text = encodeMessage(COMMIT);
    const [alone] = decodeServerFrame(text);
    const [resume] = decodeServerFrame(`{"type":"resume","commits":[${text}]}`);
    expect(resume).toEqual({ type: "resume", commits: [alone] });
  });
});
