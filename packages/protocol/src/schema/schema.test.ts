import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { CLIENT_SHAPES } from "../messages/client-message.ts";
import { PING_FRAME, PONG_FRAME } from "../messages/ping.ts";
import { SERVER_SHAPES } from "../messages/server-message.ts";
import { PROTOCOL_VERSION } from "../version.ts";
import { PATCH_SHAPES } from "./patch-shapes.ts";
import type { FieldShapes, Shape } from "./shape.ts";

/**
 * The shapes of all messages, by protocol number. Whoever changes a shape changes its hash: bump
 * PROTOCOL_VERSION, add the new hash here, and say in docs/protocol.md what has changed. Hashes
 * of released numbers are never edited.
 */
const HASHES: Readonly<Record<number, string>> = {
  1: "9600ab82f133a8b19f25111313b0340605ceb020e42f7503348c7f7b285dc9c5",
  2: "31bed66da709afa1af696511f3186225223e38069d250f6390d7dec25f587fe2",
};

const described = JSON.stringify(
  { client: CLIENT_SHAPES, server: SERVER_SHAPES, patches: PATCH_SHAPES, PING_FRAME, PONG_FRAME },
  (_key, shape: unknown) => (shape instanceof RegExp ? String(shape) : shape),
);

test("[P90] the shapes of the messages are those of their protocol number", () => {
  const hash = createHash("sha256").update(described).digest("hex");
  expect(hash).toBe(HASHES[PROTOCOL_VERSION]);
});

test("[P90] every part of a shape is in what is hashed", () => {
  for (const shapes of [CLIENT_SHAPES, SERVER_SHAPES]) {
    for (const [type, fields] of Object.entries(shapes)) {
      expect(described).toContain(`"${type}":{`);
      for (const [field, shape] of Object.entries<Shape>(fields)) {
        // A text, a number or a list: nothing that JSON would leave out or write as {}.
        expect(described).toMatch(
          new RegExp(`"${field.replace("?", "\\?")}":("|\\d|\\[|\\{"code")`),
        );
        expect(typeof shape).not.toBe("function");
      }
    }
  }
});

describe("the types of shapes", () => {
  interface Sample {
    readonly count: number;
    readonly names: readonly string[];
    readonly note?: string;
  }
  const shape: FieldShapes<Sample> = { count: 0, names: [/^/], "note?": /^/ };

  test("follow the message: a field left out, of another type or wrongly optional does not compile", () => {
    expect(Object.keys(shape)).toEqual(["count", "names", "note?"]);
    // @ts-expect-error `note` is a field of Sample
    const missing: FieldShapes<Sample> = { count: 0, names: [/^/] };
    // @ts-expect-error `count` is a number
    const mistyped: FieldShapes<Sample> = { count: /^/, names: [/^/], "note?": /^/ };
    // @ts-expect-error `names` is a list
    const noList: FieldShapes<Sample> = { count: 0, names: /^/, "note?": /^/ };
    // @ts-expect-error `note` may be absent
    const needed: FieldShapes<Sample> = { count: 0, names: [/^/], note: /^/ };
    // @ts-expect-error `more` is no field of Sample
    const more: FieldShapes<Sample> = { ...shape, more: 0 };
    expect([missing, mistyped, noList, needed, more]).toHaveLength(5);
  });
});
