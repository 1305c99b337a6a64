import { type Answer, COMMIT_PROTOCOL } from "@holdfast/protocol";
import { describe, expect, test } from "vitest";
import { cutText } from "./cut-text.ts";
import {
  decodeHead,
  encodeHead,
  encodeNextHead,
  joinAnswers,
  joinCommits,
  splitAnswers,
  splitCommits,
} from "./journal-row.ts";
import type { FinishedSequence, JournalEntry } from "./journal-entry.ts";

const entry: JournalEntry = {
  meta: { module: "m", key: "", schema: 1 },
  mark: "mark",
  commits: [
    { version: 8, text: '{"a":"x,\\n[y"}', patches: [] },
    { version: 9, text: '{"b":[]}', patches: [] },
  ],
  finished: [],
  state: () => ({}),
};

function finished(
  principal: string,
  client: string,
  seq: number,
  answer: Answer,
  settled = 0,
): FinishedSequence {
  return { principal, client, seq, settled, answer };
}

const ack: Answer = { type: "ack", version: 9, result: undefined };
const reject: Answer = { type: "reject", error: { code: "REFUSED", message: "line\nbreak !\t" } };

describe("the row of a durable write", () => {
  test("holds the commits as they were sent, and is JSON between brackets", () => {
    const text = joinCommits(entry) ?? "";
    expect(splitCommits(text)).toEqual(entry.commits.map((commit) => commit.text));
    expect(JSON.parse(`[${text}]`)).toEqual([{ a: "x,\n[y" }, { b: [] }]);
    expect(joinCommits({ ...entry, commits: [] })).toBe(null);
  });

  test("says in its head what is known without its texts", () => {
    const all = [
      finished("alice", "a", 1, ack),
      finished("alice", "a", 2, reject),
      finished("alice", "a", 3, ack, 1),
      finished('b"ob\n\ud800', "a", 3, ack),
      finished("alice", "a", 4, reject, 1),
      { ...finished("alice", "b", 1, ack), isPatch: true as const },
    ];
    const head = encodeHead(
      { ...entry, finished: all },
      { write: 5, version: 7, time: 99, rows: 2 },
    );
    expect(decodeHead(JSON.parse(head))).toEqual({
      type: "first",
      codec: 1,
      entry: {
        write: 5,
        first: 8,
        last: 9,
        mark: "mark",
        time: 99,
        rows: 2,
        protocol: COMMIT_PROTOCOL,
        finished: all.map(({ principal, client, seq, settled, answer }) => ({
          principal,
          client,
          seq,
          settled,
          version: answer.type === "ack" ? answer.version : undefined,
        })),
        // Not the others that were answered with the same version.
        patches: [{ principal: "alice", client: "b", seq: 1, settled: 0, version: 9 }],
      },
    });
    expect(decodeHead(JSON.parse(encodeNextHead(5, 1)))).toEqual({
      type: "next",
      codec: 1,
      write: 5,
      index: 1,
    });
  });

  test.each([
    ["null"],
    ["{}"],
    ["[1]"],
    ['[1,2,"0"]'],
    ['[1,2,0,5,3,"m",0,1,1,[]]'],
    ['[1,2,0,1,1,"m",0,0,1,[]]'],
    ['[1,2,0,1,1,"m",0,1,1,[["p","c",0,1]]]'],
    ['[1,2,0,1,1,"m",0,1,1,[["p","c",0,1,-2]]]'],
    ['[1,2,0,1,1,"m",0,1,1,[["p","c",0,1,1]],0]'],
    ['[1,2,0,1,1,"m",0,1,1,[["p","c",0,1,1]],[1]]'],
    ['[1,2,0,1,1,"m",0,1,1,[["p","c",0,1,-1]],[0]]'],
  ])("is refused when its head is %s", (head) => {
    expect(() => decodeHead(JSON.parse(head))).toThrow();
  });

  test("holds one line for each answer, and nothing when none has anything to say", () => {
    const answers: Answer[] = [
      ack,
      reject,
      { type: "ack", version: 3, result: '"!"' },
      { type: "ack", version: 4, result: "null" },
    ];
    const versions = answers.map((answer) => (answer.type === "ack" ? answer.version : undefined));
    expect(splitAnswers(joinAnswers(answers.map((answer) => ({ answer }))), versions)).toEqual(
      answers,
    );
    expect(joinAnswers([{ answer: ack }, { answer: ack }])).toBe(null);
    expect(splitAnswers(null, [9, 9])).toEqual([ack, ack]);
  });

  test("with answers that are not those of its head is refused", () => {
    expect(() => splitAnswers("1\n2", [1])).toThrow();
    expect(() => splitAnswers("!{}", [1])).toThrow();
    expect(() => splitAnswers("1", [undefined])).toThrow();
    expect(() => splitAnswers(null, [undefined])).toThrow();
  });
});

test("a text is cut into pieces that fit, and never through a character", () => {
  const text = "aé日😀".repeat(50);
  for (let limit = 4; limit < 40; limit++) {
    const pieces = cutText(text, limit);
    expect(pieces.join("")).toBe(text);
    for (const piece of pieces) {
      expect(Buffer.byteLength(piece)).toBeLessThanOrEqual(limit);
      expect(piece.isWellFormed()).toBe(true);
    }
    expect(pieces.length).toBeLessThanOrEqual(Math.ceil(Buffer.byteLength(text) / (limit - 3)));
  }
  expect(cutText("", 4)).toEqual([]);
  expect(() => cutText("😀", 3)).toThrow();
});
