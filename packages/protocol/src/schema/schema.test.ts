import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { CLIENT_SHAPES } from "../messages/client-message.ts";
import { PING_FRAME, PONG_FRAME } from "../messages/ping.ts";
import { SERVER_SHAPES } from "../messages/server-message.ts";
import { PROTOCOL_VERSION } from "../version.ts";
import { integer, list, literal, record, text } from "./shape.ts";

/**
 * The shapes of all messages, by protocol number. Whoever changes a shape changes its hash: bump
 * PROTOCOL_VERSION, add the new hash here, and say in docs/protocol.md what has changed. Hashes
 * of released numbers are never edited.
 */
const HASHES: Readonly<Record<number, string>> = {
  1: "efb3508a57c380837966336ecfae7ff4f38c2b0b785187a8f1cd2ae3bdf03f6d",
};

const shapes = {
  client: CLIENT_SHAPES,
  server: SERVER_SHAPES,
  literals: [PING_FRAME, PONG_FRAME],
};

test("[P90] the shapes of the messages are those of their protocol number", () => {
  const hash = createHash("sha256").update(JSON.stringify(shapes)).digest("hex");
  expect(hash).toBe(HASHES[PROTOCOL_VERSION]);
});

test("[P90] every part of a shape is in what is hashed: it is plain data", () => {
  expect(JSON.parse(JSON.stringify(shapes))).toEqual(shapes);
});

describe("the types of shapes", () => {
  interface Sample {
    readonly type: "sample";
    readonly count: number;
    readonly names: readonly string[];
    readonly note?: string;
  }
  const fields = {
    type: literal("sample"),
    count: integer(0),
    names: list(text()),
    note: text(),
  } as const;

  test("follow the message: a field left out, of another type or wrongly optional does not compile", () => {
    expect(record<Sample>(fields, "note").is).toBe("record");
    const { note: _, ...rest } = fields;
    // @ts-expect-error `note` is a field of Sample
    record<Sample>(rest, "note");
    // @ts-expect-error `count` is a number
    record<Sample>({ ...fields, count: text() }, "note");
    // @ts-expect-error `type` is another text
    record<Sample>({ ...fields, type: literal("other") }, "note");
    // @ts-expect-error `count` may not be absent
    record<Sample>(fields, "count");
  });
});
