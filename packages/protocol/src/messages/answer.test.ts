import { expect, test } from "vitest";
import { encodeValue } from "../codec/encode-value.ts";
import { encodeAnswer } from "./answer.ts";
import { decodeServerFrame } from "./decode-server-frame.ts";
import { encodeMessage } from "./encode-message.ts";

test("[P30] an encoded answer is the message that it stands for, its result not encoded again", () => {
  const result = { list: [1n, undefined] };
  const ack = { type: "ack", client: "c-1", seq: 3, version: 9, result } as const;
  const text = encodeAnswer("c-1", 3, { type: "ack", version: 9, result: encodeValue(result) });
  expect(text).toBe(encodeMessage(ack));
  expect(decodeServerFrame(text)).toEqual([ack]);
});

test("[P30] an ack without a result has none, a reject has its error", () => {
  expect(
    decodeServerFrame(encodeAnswer("c", 1, { type: "ack", version: 0, result: undefined })),
  ).toEqual([{ type: "ack", client: "c", seq: 1, version: 0 }]);
  const error = { code: "REFUSED", message: 'no "such" thing\n' } as const;
  expect(decodeServerFrame(encodeAnswer("c", 1, { type: "reject", error }))).toEqual([
    { type: "reject", client: "c", seq: 1, error },
  ]);
});
