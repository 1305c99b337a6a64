import { describe, expect, test } from "vitest";
import { pageEnvironment } from "./environment.ts";
import { LiveTexts } from "./live-texts.ts";
import { createStreamHandle } from "./stream-handle.ts";

const whole = "It was the best of times";
const piece = (from: number, to: number, id = "s") =>
  ({ type: "stream", id, from, text: whole.slice(from, to) }) as const;

/** A reader of one stream, whose state the test commits itself. */
function reader() {
  const texts = new LiveTexts(pageEnvironment);
  const listeners = new Set<() => void>();
  let state: unknown;
  const handle = createStreamHandle("reply", {
    getState: () => state,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    texts: () => texts,
  });
  const commit = (text: string, status = "streaming", id = "s"): void => {
    state = { reply: { id, status, text, error: status === "error" ? "interrupted" : null } };
    for (const listener of listeners) listener();
  };
  return { texts, handle, commit, text: () => handle.getSnapshot().text };
}

describe("[P96] what is shown of a stream", () => {
  test("is what is durable, and what is known to follow it", () => {
    const { texts, handle, commit, text } = reader();
    expect(handle.getSnapshot()).toEqual({ text: "", status: "idle", error: null });
    commit(whole.slice(0, 4));
    texts.receive([piece(4, 8)]);
    texts.receive([piece(8, 10), piece(10, 12)]);
    expect(text()).toBe(whole.slice(0, 12));
    commit(whole.slice(0, 12));
    expect(text()).toBe(whole.slice(0, 12));
    commit(whole, "done");
    expect(handle.getSnapshot()).toEqual({ text: whole, status: "done", error: null });
  });

  test("never has a gap: what was missed is waited for", () => {
    const { texts, commit, text } = reader();
    commit(whole.slice(0, 4));
    texts.receive([piece(6, 8)]);
    expect(text()).toBe(whole.slice(0, 4));
    commit(whole.slice(0, 6));
    expect(text()).toBe(whole.slice(0, 8));
    texts.receive([piece(10, 12)]);
    expect(text()).toBe(whole.slice(0, 6));
    commit(whole.slice(0, 11));
    expect(text()).toBe(whole.slice(0, 12));
  });

  test("[P95] is never doubled: what comes again, or in part, is known", () => {
    const { texts, commit, text } = reader();
    commit("");
    texts.receive([piece(0, 8)]);
    texts.receive([piece(2, 5), piece(0, 8), piece(6, 11)]);
    expect(text()).toBe(whole.slice(0, 11));
    texts.receive([piece(0, 3)]);
    expect(text()).toBe(whole.slice(0, 11));
  });

  test("is of one text: that of another id is another's", () => {
    const { texts, commit, text } = reader();
    commit("It ");
    texts.receive([{ type: "stream", id: "old", from: 3, text: "isn't" }]);
    expect(text()).toBe("It ");
  });

  test("[P97] is cut back to what is durable by a restart, and not by a mere reconnect", () => {
    const { texts, handle, commit, text } = reader();
    commit(whole.slice(0, 4));
    texts.receive([piece(4, 9)]);
    texts.down();
    expect(text()).toBe(whole.slice(0, 9));
    // The frame that greets it brings commits first, then what is live.
    commit(whole.slice(0, 6));
    expect(text()).toBe(whole.slice(0, 9));
    texts.receive([{ type: "resume", commits: [] }, piece(6, 12)]);
    expect(text()).toBe(whole.slice(0, 12));
    texts.down();
    commit(whole.slice(0, 6), "error");
    expect(handle.getSnapshot()).toEqual({
      text: whole.slice(0, 6),
      status: "error",
      error: "interrupted",
    });
    commit(whole.slice(0, 6));
    texts.receive([{ type: "resume", commits: [] }]);
    expect(text()).toBe(whole.slice(0, 6));
  });
});

test("listeners hear of their stream alone, and of each change once", () => {
  const { texts, handle, commit } = reader();
  let heard = 0;
  const unsubscribe = handle.subscribe(() => heard++);
  commit("It ");
  expect(heard).toBe(1);
  texts.receive([piece(3, 5)]);
  expect(heard).toBe(2);
  texts.receive([piece(3, 5, "other")]);
  // What has become durable was shown already.
  commit(whole.slice(0, 5));
  expect(heard).toBe(2);
  const before = handle.getSnapshot();
  expect(handle.getSnapshot()).toBe(before);
  unsubscribe();
  texts.receive([piece(5, 9)]);
  expect(heard).toBe(2);
});

test("[G14] what nobody looks at is bounded", () => {
  const { texts, commit, text } = reader();
  for (let n = 0; n < 300; n++) texts.receive([piece(0, 1, `s${n}`)]);
  expect(texts.of("s0")).toBeUndefined();
  expect(texts.of("s299")).toEqual({ from: 0, text: "I" });
  for (let from = 0; from < 100_000; from += 1_000) {
    texts.receive([{ type: "stream", id: "s", from, text: "x".repeat(1_000) }]);
  }
  expect(texts.of("s")?.text.length).toBe(65_536);
  commit("x".repeat(90_000));
  expect(text()).toHaveLength(100_000);
});
