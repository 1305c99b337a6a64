import { applyPatches, OLDEST_PROTOCOL, type ServerMessage, type Value } from "@holdfast/protocol";
import { describe, expect, test } from "vitest";
import { settled, TestInstance } from "../host.fixture.ts";
import { assistant, begin, call, stored, texts, write, writing } from "./streams.fixture.ts";

const types = (messages: readonly ServerMessage[]): string[] => messages.map(({ type }) => type);

describe("a stream in an asynchronous action", () => {
  test("[P94] goes out as it comes, and into the state 250 ms later at most", async () => {
    const { instance, page, reply, end } = await write("a");
    reply.append("He");
    await settled();
    // The commit that begins it has what there is by then; its action can never be run again.
    const begun = page.take();
    expect(types(begun)).toEqual(["received", "commit", "published"]);
    const { id } = stored(instance);
    expect(stored(instance)).toMatchObject({ status: "streaming", text: "He", error: null });
    await instance.move(25);
    reply.append("llo");
    await settled();
    expect(page.take()).toEqual([{ type: "stream", id, from: 2, text: "llo" }]);
    expect(stored(instance).text).toBe("He");
    await instance.move(250);
    expect(page.take()).toMatchObject([
      { type: "commit", patches: [{ op: "append", path: ["reply", "text"], value: "llo" }] },
    ]);
    reply.append(" world");
    reply.complete();
    await settled();
    expect(page.take()).toMatchObject([
      {
        type: "commit",
        patches: [
          { op: "replace", path: ["reply", "status"], value: "done" },
          { op: "append", path: ["reply", "text"], value: " world" },
        ],
      },
    ]);
    end();
    await settled();
    expect(types(page.take())).toEqual(["commit", "ack"]);
    expect(stored(instance)).toEqual({ id, status: "done", text: "Hello world", error: null });
  });

  test("[P91] [G20] is not told live to a page of an older protocol, which has it by commits", async () => {
    const { instance, page, reply } = await write("old page");
    const old = instance.silent("old");
    const hello = { type: "hello", clients: [] } as const;
    const greet = (): void => instance.say(old, { ...hello, protocol: OLDEST_PROTOCOL });
    greet();
    reply.append("Hello");
    await settled();
    await instance.move(25);
    reply.append(" world");
    await settled();
    await instance.move(25);
    expect(types(page.take())).toContain("stream");
    // Greeted again while there is live text, and by code that has come into memory since.
    greet();
    reply.append("!");
    await settled();
    await instance.move(250);
    const told = old.take();
    expect(types(told)).not.toContain("stream");
    expect(old.meta.protocol).toBe(OLDEST_PROTOCOL);
    expect(JSON.stringify(told)).toContain(" world");
  });

  test("is told at a pace: what comes in between goes out as one piece", async () => {
    const { instance, page, reply } = await write("pace");
    reply.append("0");
    await settled();
    page.take();
    await instance.move(25);
    reply.append("1");
    await settled();
    for (const text of ["2", "3"]) {
      reply.append(text);
      await settled();
    }
    expect(texts(page.take())).toEqual(["1:1"]);
    await instance.move(25);
    expect(texts(page.take())).toEqual(["2:23"]);
  });

  test("much of it is stored at once, and not told twice", async () => {
    const { instance, page, reply } = await write("much");
    reply.append("x");
    await settled();
    page.take();
    await instance.move(25);
    reply.append("y".repeat(20_000));
    await settled();
    expect(types(page.take())).toEqual(["commit"]);
    expect(stored(instance).text).toHaveLength(20_001);
  });

  test("ends with its action, and is stored before the answer", async () => {
    const { instance, page, reply, end } = await write("ends");
    reply.append("all");
    end();
    await settled();
    // It begins, it ends, and then comes what the action has written to the state.
    const told = ["received", "commit", "published", "commit", "commit", "ack"];
    expect(types(page.take())).toEqual(told);
    expect(stored(instance)).toMatchObject({ status: "done", text: "all" });
  });

  test("[G4] what the action wrote to the state is undone where it throws, and the stream has failed with what had come", async () => {
    const { instance, page, reply, fail } = await write("throws");
    reply.append("half");
    await settled();
    fail(new Error("no"));
    await settled();
    expect(page.take().at(-1)).toMatchObject({ type: "reject", error: { code: "ACTION_FAILED" } });
    expect(stored(instance)).toMatchObject({ status: "error", text: "half", error: "failed" });
    expect(stored(instance, "log")).toEqual([]);
    expect(reply.signal.aborted).toBe(true);
    expect(() => reply.append("more")).toThrow(/is over/);
  });

  test("its action is given up when no text has come for as long as it may take", async () => {
    const { instance, page, reply } = await write("slow");
    reply.append("a");
    await settled();
    for (let n = 0; n < 3; n++) {
      await instance.move(20_000);
      reply.append("b");
      await settled();
    }
    page.take();
    await instance.move(29_000);
    expect(types(page.take())).not.toContain("reject");
    await instance.move(1_000);
    expect(page.take().at(-1)).toMatchObject({ type: "reject", error: { code: "TIMEOUT" } });
    expect(stored(instance)).toMatchObject({ text: "abbb", status: "error", error: "timeout" });
    expect(reply.signal.aborted).toBe(true);
  });

  test("holds up nobody, and its commits do not wait for a handler that holds the turn", async () => {
    const { instance, page, reply } = await write("first");
    // "first" has written to the log and holds the turn.
    reply.append("a");
    await settled();
    expect(types(page.take())).toEqual(["received", "commit", "published"]);
    const other = instance.join("owner", "c2");
    other.take();
    call(instance, other, "put", "n");
    expect(types(other.take())).toEqual(["received"]);
    await instance.move(2_000);
    expect(types(other.take())).toContain("ack");
  });

  test("set() begins another text, reset() none", async () => {
    const { instance, reply } = await write("sets");
    reply.append("draft");
    await settled();
    const { id } = stored(instance);
    reply.set("final");
    await settled();
    expect(stored(instance)).toMatchObject({ status: "streaming", text: "final" });
    expect(stored(instance).id).not.toBe(id);
    reply.reset();
    await settled();
    expect(stored(instance)).toEqual({ id: "", status: "idle", text: "", error: null });
    reply.append("anew");
    expect(reply.text).toBe("anew");
    expect(reply.status).toBe("streaming");
    await settled();
    expect(stored(instance)).toMatchObject({ status: "streaming", text: "anew" });
  });

  test("what stands in an array is written where it has moved to", async () => {
    const { instance, page } = begin();
    call(instance, page, "ask", "first");
    call(instance, page, "write", { name: "moves", path: ["answers", 0, "reply"] });
    await settled();
    const { reply } = writing("moves");
    reply.append("one");
    await settled();
    call(instance, page, "ask", "second");
    await instance.move(2_000);
    reply.append(" two");
    await instance.move(300);
    const answers = stored(instance, "answers") as unknown as { question: string; reply: Value }[];
    expect(answers).toMatchObject([
      { question: "second", reply: { status: "idle", text: "" } },
      { question: "first", reply: { status: "streaming", text: "one two" } },
    ]);
  });

  test("what has only just begun is written where it has moved to as well", async () => {
    const { instance, page } = begin();
    call(instance, page, "ask", "first");
    call(instance, page, "write", { name: "begins", path: ["answers", 0, "reply"] });
    await settled();
    await writing("begins").commit();
    writing("begins").reply.append("one");
    // Nothing of it is stored when another item takes its place.
    call(instance, page, "ask", "second");
    await settled();
    expect(stored(instance, "answers")).toMatchObject([
      { question: "second", reply: { status: "idle", text: "" } },
      { question: "first", reply: { status: "streaming", text: "one" } },
    ]);
  });

  test("is there once it is published; before, the error says what to do", async () => {
    const { instance, page } = begin();
    call(instance, page, "answerUnpublished", false);
    await settled();
    expect(page.take().at(-1)).toMatchObject({
      type: "reject",
      error: {
        code: "DEFINITION_INVALID",
        message: expect.stringContaining("await commit()") as string,
      },
    });
    call(instance, page, "answerUnpublished", true);
    await settled();
    expect(page.take().at(-1)).toMatchObject({ type: "ack" });
    expect(stored(instance, "answers")).toMatchObject([{ reply: { text: "yes", status: "done" } }]);
  });

  test("a handler that goes through its own unpublished list meanwhile finds all of it", async () => {
    const { instance, page } = begin();
    call(instance, page, "each");
    await settled();
    expect(page.take().at(-1)).toMatchObject({ type: "ack", result: 3 });
    expect(stored(instance)).toMatchObject({ status: "done", text: "abc" });
    expect(stored(instance, "log")).toEqual(["a", "b", "c"]);
  });

  test("what is written when the action is over is refused", async () => {
    const { instance, page } = begin();
    call(instance, page, "background");
    await settled();
    expect(page.take().at(-1)).toMatchObject({ type: "ack" });
    expect(() => writing("background").reply.append("b")).toThrow(/is over/);
    expect(stored(instance)).toMatchObject({ text: "a", status: "done" });
  });
});

describe("a stream in a synchronous action", () => {
  test("is state like any other: one commit, or nothing", () => {
    const { instance, page } = begin();
    call(instance, page, "put", "hi");
    expect(page.take()).toMatchObject([{ type: "commit" }, { result: ["hi!", "streaming"] }]);
    call(instance, page, "put", "throw");
    expect(page.take()).toMatchObject([{ type: "reject" }]);
    call(instance, page, "put", "end");
    expect(page.take()).toMatchObject([{ type: "commit" }, { result: ["hi!end!", "done"] }]);
    expect(stored(instance, "note")).toMatchObject({ status: "done", text: "hi!end!" });
  });
});

describe("readers", () => {
  test("[P97] one that comes is told what is live, in the frame that greets it", async () => {
    const { instance, reply } = await write("greeted");
    reply.append("old ");
    await instance.move(300);
    reply.append("new");
    const late = instance.join("bob", "c9");
    expect(late.frames).toHaveLength(1);
    const messages = late.take();
    expect(types(messages)).toEqual(["snapshot", "stream"]);
    expect(messages[1]).toMatchObject({ from: 4, text: "new" });
  });

  test("[G15] [P94] a hidden stream is on nobody's wire who may not see it", async () => {
    const { instance, page, reply } = await write("hidden", ["secret"]);
    const bob = instance.join("bob", "c9");
    bob.take();
    reply.append("the word ");
    await instance.move(300);
    page.take();
    reply.append("is mum");
    await instance.move(25);
    expect(texts(page.take())).toEqual(["9:is mum"]);
    reply.complete();
    await settled();
    expect(bob.frames.join("")).not.toMatch(/word|mum|stream/);
    const late = instance.join("carol", "c8");
    expect(late.frames.join("")).not.toMatch(/word|mum|"type":"stream"/);
  });

  test("[P98] [G14] one that does not read is handed no more, and has all when it does", async () => {
    const limits = { unseenBytes: 1_500, seenEveryBytes: 600 };
    const slow = new TestInstance(assistant, { limits });
    const reader = slow.join("owner", "r");
    call(slow, reader, "write", { name: "slowly", path: ["reply"] });
    await settled();
    const { reply: own } = writing("slowly");
    for (let n = 0; n < 100; n++) {
      own.append(`word ${n} `);
      await slow.move(25);
    }
    const handed = reader.frames.reduce((sum, frame) => sum + frame.length, 0);
    expect(handed).toBeLessThanOrEqual(1_500);
    own.complete();
    await settled();
    let state: Value = undefined;
    let read = 0;
    for (let n = 0; n < 100; n++) {
      const frames = reader.frames.reduce((sum, frame) => sum + frame.length, 0);
      read += frames;
      for (const message of reader.take()) {
        if (message.type === "snapshot") state = message.state;
        if (message.type === "commit") state = applyPatches(state, message.patches);
      }
      if (frames === 0) break;
      slow.say(reader, { type: "seen", read: frames });
    }
    expect(read).toBeGreaterThan(1_500);
    const text = expect.stringMatching(/word 99 $/) as string;
    expect(state).toMatchObject({ reply: { status: "done", text } });
  });
});

test("too many at once are refused", async () => {
  const { instance, page } = begin({ limits: { openStreams: 1 } });
  call(instance, page, "write", { name: "only", path: ["reply"] });
  await settled();
  writing("only").reply.append("a");
  await instance.move(2_000);
  call(instance, page, "write", { name: "other", path: ["note"] });
  await settled();
  expect(() => writing("other").reply.append("b")).toThrow(
    expect.objectContaining({ code: "BUSY" }),
  );
});

test("a text above the limit of a value is refused at the append, and what was there stays", async () => {
  const { instance, page } = begin({ limits: { valueBytes: 100 } });
  call(instance, page, "write", { name: "large", path: ["reply"] });
  await settled();
  const { reply } = writing("large");
  reply.append("x".repeat(60));
  expect(() => reply.append("y".repeat(60))).toThrow(
    expect.objectContaining({ code: "VALUE_TOO_LARGE" }),
  );
  reply.append("z");
  await instance.move(300);
  expect(stored(instance).text).toBe(`${"x".repeat(60)}z`);
  expect(() => reply.append(7 as never)).toThrow(
    expect.objectContaining({ code: "VALUE_UNSUPPORTED" }),
  );
});
