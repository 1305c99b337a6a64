import { describe, expect, test } from "vitest";
import { openNodeSqlite } from "../../node/node-sqlite-port.ts";
import { failingPort } from "../failing-port.fixture.ts";
import { settled, TestInstance } from "../host.fixture.ts";
import { assistant, begin, call, stored, write, writing } from "./streams.fixture.ts";

describe("a stream that somebody else ends", () => {
  test("its writer is told by the signal and by the next write, and what had come is kept", async () => {
    const { instance, page, reply, end } = await write("cancelled");
    reply.append("some");
    await instance.move(2_000);
    reply.append(" more");
    expect(reply.signal.aborted).toBe(false);
    call(instance, page, "cancel");
    expect(reply.signal.aborted).toBe(true);
    expect(stored(instance)).toMatchObject({
      status: "error",
      text: "some more",
      error: "cancelled",
    });
    expect(() => reply.append("late")).toThrow(expect.objectContaining({ code: "CANCELLED" }));
    end();
    await settled();
    expect(stored(instance)).toMatchObject({ text: "some more", error: "cancelled" });
  });

  test("[G4] an action that ends it and is refused has not", async () => {
    const { instance, page, reply } = await write("not cancelled");
    reply.append("some");
    await instance.move(2_000);
    call(instance, page, "refuseCancel");
    expect(reply.signal.aborted).toBe(false);
    reply.append(" more");
    await instance.move(300);
    expect(stored(instance)).toMatchObject({ status: "streaming", text: "some more" });
  });

  test("an asynchronous action ends it as well", async () => {
    const { instance, page, reply } = await write("cancelled slowly");
    reply.append("some");
    await instance.move(2_000);
    call(instance, page, "cancelSlowly");
    await settled();
    expect(reply.signal.aborted).toBe(true);
    expect(stored(instance)).toMatchObject({ text: "some", error: "cancelled slowly" });
  });

  test("two actions do not write to one stream", async () => {
    const { instance, page, reply } = await write("one");
    reply.append("one");
    await instance.move(2_000);
    call(instance, page, "write", { name: "two", path: ["reply"] });
    await settled();
    const second = writing("two");
    expect(() => second.reply.append("two")).toThrow(/Another action writes/);
    second.reply.reset();
    expect(reply.signal.aborted).toBe(true);
    second.reply.append("two");
    await settled();
    expect(stored(instance)).toMatchObject({ status: "streaming", text: "two" });
  });

  test.each(["clear", "overwrite"])("a change by hand (%s) takes it away", async (name) => {
    const { instance, page, reply } = await write(name);
    reply.append("text");
    await instance.move(2_000);
    call(instance, page, name);
    expect(reply.signal.aborted).toBe(true);
    await settled();
    expect(stored(instance).status).not.toBe("streaming");
    instance.evict();
    expect(stored(instance).error).not.toBe(name === "clear" ? "interrupted" : null);
  });
});

describe("when the server stops", () => {
  test("[P99] a stream has what was stored and says interrupted, and its action is not run again", async () => {
    const sql = openNodeSqlite(":memory:");
    const { instance, page } = begin({ sql });
    call(instance, page, "write", { name: "cut", path: ["reply"] });
    await settled();
    const { reply } = writing("cut");
    reply.append("kept");
    await settled();
    reply.append(" lost");
    const after = new TestInstance(assistant, { sql });
    const back = after.join("owner", "c1");
    const messages = back.take();
    expect(messages).toMatchObject([
      {
        type: "snapshot",
        state: { reply: { text: "kept", status: "error", error: "interrupted" } },
      },
      { type: "reject", seq: 1, error: { code: "INTERRUPTED" } },
    ]);
    expect(sql.run("SELECT count(*) AS count FROM holdfast_streams")).toEqual([{ count: 0 }]);
    const again = new TestInstance(assistant, { sql });
    expect(again.join("owner").take()).toMatchObject([
      { version: messages[0]?.type === "snapshot" ? messages[0].version : -1 },
    ]);
  });

  test("[P99] also one that stood in an array and has moved, and none that had ended", async () => {
    const sql = openNodeSqlite(":memory:");
    const { instance, page } = begin({ sql });
    call(instance, page, "ask", "first");
    call(instance, page, "write", { name: "inner", path: ["answers", 0, "reply"] });
    await settled();
    writing("inner").reply.append("part");
    await settled();
    call(instance, page, "ask", "second");
    call(instance, page, "put", "end");
    await instance.move(2_000);
    const after = new TestInstance(assistant, { sql });
    expect(stored(after, "answers")).toMatchObject([
      { reply: { status: "idle" } },
      { reply: { status: "error", error: "interrupted", text: "part" } },
    ]);
    expect(stored(after, "note")).toMatchObject({ status: "done" });
  });

  test("a backup taken meanwhile is interrupted where it is imported", async () => {
    const { instance, reply } = await write("backup");
    reply.append("part");
    await settled();
    const backup = await instance.host.exportState();
    const { instance: other } = begin();
    await other.host.importState(backup);
    other.evict();
    expect(stored(other)).toMatchObject({ status: "error", text: "part", error: "interrupted" });
  });

  test("[G1] [G4] a write that fails for a while loses and doubles nothing", async () => {
    const { port, fail } = failingPort(openNodeSqlite(":memory:"));
    const { instance, page } = begin({ sql: port });
    call(instance, page, "write", { name: "failing", path: ["reply"] });
    await settled();
    const { reply, end } = writing("failing");
    reply.append("one ");
    await settled();
    fail(1e9);
    reply.append("two ");
    await instance.move(300);
    expect(stored(instance).text).toBe("one ");
    reply.append("three");
    await instance.move(300);
    fail(0);
    await instance.move(300);
    expect(stored(instance).text).toBe("one two three");
    end();
    await settled();
    expect(stored(instance)).toMatchObject({ status: "done", text: "one two three" });
  });

  test("[G1] who has returned is answered when its text is stored, also if none of it was before", async () => {
    const { port, fail } = failingPort(openNodeSqlite(":memory:"));
    const { instance, page } = begin({ sql: port });
    call(instance, page, "background");
    fail(1e9);
    await instance.move(300);
    expect(page.take().map(({ type }) => type)).toEqual(["received"]);
    fail(0);
    await instance.move(600);
    expect(page.take().map(({ type }) => type)).toEqual(["commit", "published", "ack"]);
    expect(stored(instance)).toMatchObject({ status: "done", text: "a" });
  });

  test("[G7] who has returned is answered no sooner either when another has taken the stream meanwhile", async () => {
    const { port, fail } = failingPort(openNodeSqlite(":memory:"));
    const { instance, page } = begin({ sql: port });
    call(instance, page, "anew", "first");
    await settled();
    writing("first").reply.append("one");
    await instance.move(300);
    fail(1e9);
    writing("first").end();
    await instance.move(100);
    call(instance, page, "anew", "second");
    await settled();
    writing("second").reply.append("two");
    await instance.move(100);
    page.take();
    fail(0);
    // The first tries again, the second does not yet: "one" is still shown as under way.
    await instance.move(160);
    expect(page.take()).toEqual([]);
    await instance.move(500);
    const told = page.take().map(({ type }) => type);
    expect(told).toContain("ack");
    expect(told.indexOf("commit")).toBeLessThan(told.indexOf("ack"));
    expect(stored(instance)).toMatchObject({ status: "streaming", text: "two" });
  });

  test.each(["begins anew", "ends"])(
    "[P99] a stream is interrupted if storage takes nothing of the action that %s it and fails",
    async (what) => {
      const sql = openNodeSqlite(":memory:");
      const { port, fail } = failingPort(sql);
      const { instance, page } = begin({ sql: port });
      call(instance, page, "write", { name: "first", path: ["reply"] });
      await settled();
      const first = writing("first");
      first.reply.append("one");
      await instance.move(2_000);
      call(instance, page, "write", { name: "second", path: ["reply"] });
      await settled();
      const second = writing("second");
      fail(1e9);
      if (what === "ends") second.reply.complete();
      else {
        second.reply.reset();
        second.reply.append("two");
      }
      await settled();
      expect(first.reply.signal.aborted).toBe(true);
      second.fail(new Error("no"));
      await settled();
      fail(0);
      await instance.move(300);
      expect(stored(instance)).toMatchObject({
        status: "error",
        text: "one",
        error: "interrupted",
      });
      expect(sql.run("SELECT count(*) AS count FROM holdfast_streams")).toEqual([{ count: 0 }]);
      expect(() => first.reply.append("late")).toThrow(
        expect.objectContaining({ code: "CANCELLED" }),
      );
    },
  );

  test("[P99] a stream that is begun anew with more than a commit may have is interrupted, and its writer is told", async () => {
    const { instance, page } = begin({ limits: { valueBytes: 1_000, commitBytes: 1_000 } });
    call(instance, page, "write", { name: "large", path: ["reply"] });
    await settled();
    const { reply } = writing("large");
    reply.append("some");
    await settled();
    reply.set("x".repeat(990));
    await settled();
    expect(reply.signal.reason).toMatchObject({ code: "COMMIT_TOO_LARGE" });
    expect(stored(instance)).toMatchObject({
      status: "error",
      text: "some",
      error: "interrupted",
    });
  });
});
