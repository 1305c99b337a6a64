import type { ActionMessage, ClientMessage, Value } from "@holdfast/protocol";
import { expect, test } from "vitest";
import { outcome, StoreBench } from "./store.fixture.ts";

interface Board {
  list: string[];
  note: string;
}

const seqs = (frames: readonly ClientMessage[][]): unknown[] =>
  // True because a store sends nothing but actions and patches.
  frames.flat().map((message) => [message.type, (message as ActionMessage).seq]);

test("[P83] a patch that touches what is merely predicted waits for that to be answered, and is made on the answer", async () => {
  const bench = new StoreBench();
  bench.greet({ list: ["a"], note: "" });
  const put = bench.store.dispatch("put", undefined, (draft) => {
    (draft as Board).list.unshift("predicted");
  });
  const update = bench.store.update((draft) => {
    const board = draft as Board;
    board.list[board.list.indexOf("a")] = "b";
  });
  // It is shown at once, on top of the prediction.
  expect(bench.state).toEqual({ list: ["predicted", "b"], note: "" });
  expect(seqs(await bench.frames())).toEqual([["action", 1]]);
  // The server did something else, and what is meant stands elsewhere.
  bench.store.receive([bench.replace(1, ["list"], ["x", "y", "a"]), bench.ack(1, 1)]);
  expect(bench.state).toEqual({ list: ["x", "y", "b"], note: "" });
  const [patch] = (await bench.frames()).flat();
  expect(patch).toMatchObject({ type: "patch", seq: 2, base: 1 });
  expect(patch?.type === "patch" && patch.patches).toEqual([
    { op: "replace", path: ["list", 2], value: "b" satisfies Value },
  ]);
  bench.store.receive([bench.replace(2, ["list", 2], "b"), bench.ack(2, 2)]);
  expect(await outcome(put)).toBe(undefined);
  expect(await outcome(update)).toBe(undefined);
});
