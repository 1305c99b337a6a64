import { CloseCode, encodeMessage, OutgoingFrame, type SeenMessage } from "@holdfast/protocol";
import { describe, expect, test } from "vitest";
import { createServer, goLive, put, setUp } from "../client.fixture.ts";
import { settle } from "../page.fixture.ts";
import { outcome } from "../store/store.fixture.ts";

describe("reconnecting", () => {
  test("[G9] [G2] resumes from its version, and an action survives, once", async () => {
    const { page, counter, server } = await goLive();
    const promise = counter.actions.add(2);
    await settle();
    const frames = page.socket.take();
    // The server commits, and its answer is lost with the socket.
    server.answer(page.socket, frames[0] ?? []);
    page.socket.drop();
    expect(counter.getSnapshot()).toMatchObject({ status: "reconnecting", state: { n: 0 } });
    server.commit(put("text", "by others"));
    await page.advance(5_000);
    page.socket.open();
    const [hello] = page.socket.take();
    expect(hello).toMatchObject([{ type: "hello", version: 0, mark: "", epoch: "epoch-1" }]);
    const replies = server.answer(page.socket, hello ?? []);
    expect(replies.map(({ type }) => type)).toEqual(["resume", "ack"]);
    page.socket.deliver(...replies);
    expect(await promise).toBe(2);
    expect(counter.getSnapshot()).toMatchObject({
      status: "live",
      state: { n: 2, text: "by others" },
      pending: 0,
    });
    await settle();
    expect(page.socket.take()).toEqual([]);
    expect(server.version).toBe(2);
  });

  test("[G6] [P37] a commit that does not follow gives the link up and asks for everything", async () => {
    const { page, counter, server } = await goLive();
    page.socket.deliver({ type: "commit", version: 7, mark: "x", patches: [put("n", 99)] });
    expect(counter.getSnapshot()).toMatchObject({ status: "reconnecting", state: { n: 0 } });
    server.commit(put("n", 3));
    await page.advance(5_000);
    page.socket.open();
    const [hello] = page.socket.take();
    expect(hello?.[0]).not.toHaveProperty("version");
    page.socket.deliver(...server.answer(page.socket, hello ?? []));
    expect(counter.getSnapshot()).toMatchObject({ status: "live", state: { n: 3 } });
  });

  test("[G20] a server that keeps making no sense is left in peace after three attempts", async () => {
    const { page, counter } = await goLive();
    const promise = counter.actions.add();
    await settle();
    for (let second = 0; second < 100; second++) {
      if (page.socket.readyState === 0) page.socket.open();
      if (page.socket.readyState === 1) page.socket.deliverText('{"type":"riddle"}');
      await page.advance(1_000);
    }
    expect(page.sockets).toHaveLength(3);
    expect(counter.getSnapshot()).toMatchObject({
      status: "closed",
      error: { code: "MALFORMED_FRAME" },
    });
    expect(await outcome(promise)).toBe("OUTCOME_UNKNOWN");
  });

  test.each([
    [CloseCode.forbidden, "denied", "FORBIDDEN"],
    [CloseCode.notFound, "closed", "UNKNOWN_MODULE"],
    [CloseCode.protocol, "closed", "PROTOCOL_UNSUPPORTED"],
    [CloseCode.malformed, "closed", "MALFORMED_FRAME"],
    [CloseCode.tooManySockets, "closed", "TOO_MANY_SOCKETS"],
    [CloseCode.tooLarge, "closed", "FRAME_TOO_LARGE"],
    [4499, "closed", "MALFORMED_FRAME"],
  ] as const)("[G20] [P51] [P91] close %i is final: %s, %s", async (code, status, error) => {
    const { page, counter } = await goLive();
    page.socket.drop(code);
    expect(counter.getSnapshot()).toMatchObject({ status, error: { code: error } });
    await page.advance(120_000);
    expect(page.sockets).toHaveLength(1);
    expect(await outcome(counter.actions.add())).toBe(error);
    await page.advance(1);
    expect(page.timers).toBe(0);
  });

  test("[P50] the error message before a close says why", async () => {
    const { page, counter } = await goLive();
    const error = { code: "KEY_INVALID", message: "There is no such key." } as const;
    page.socket.deliver({ type: "error", error });
    page.socket.drop(CloseCode.notFound);
    expect(counter.getSnapshot()).toMatchObject({ status: "closed", error });
  });

  test("what one link said is no reason for the end of the next", async () => {
    const { page, counter } = await goLive();
    const error = { code: "SLOW_READER", message: "Too slow." } as const;
    page.socket.deliver({ type: "error", error });
    page.socket.drop(CloseCode.slowReader);
    await page.advance(5_000);
    page.socket.open();
    page.socket.drop(CloseCode.forbidden);
    expect(counter.getSnapshot()).toMatchObject({ status: "denied", error: { code: "FORBIDDEN" } });
  });

  test("an error that may pass is shown while it is tried again", async () => {
    const { page, counter, server } = await goLive();
    const error = { code: "RESTORE_FAILED", message: "The state cannot be read." } as const;
    page.socket.deliver({ type: "error", error });
    page.socket.drop(CloseCode.unavailable);
    expect(counter.getSnapshot()).toMatchObject({ status: "reconnecting", error });
    await page.advance(5_000);
    server.accept(page.socket);
    expect(counter.getSnapshot()).toMatchObject({ status: "live", error: undefined });
  });

  test("[G20] an identity that is refused three times over, fresh each time, is denied", async () => {
    const { page, counter } = setUp();
    counter.subscribe(() => undefined);
    for (let second = 0; second < 100; second++) {
      await page.advance(1_000);
      if (page.socket.readyState !== 0) continue;
      page.socket.open();
      page.socket.drop(CloseCode.unauthenticated);
    }
    expect(page.sockets).toHaveLength(3);
    expect(page.posts).toHaveLength(3);
    expect(counter.getSnapshot()).toMatchObject({
      status: "denied",
      error: { code: "SESSION_INVALID" },
    });
  });

  test("[G14] a reader that was too slow comes back and catches up", async () => {
    const { page, counter, server } = await goLive();
    page.socket.drop(CloseCode.slowReader);
    server.commit(put("n", 4));
    await page.advance(5_000);
    server.accept(page.socket);
    expect(counter.getSnapshot()).toMatchObject({ status: "live", state: { n: 4 } });
  });

  test("an identity that ran out is renewed at once; one refused again waits longer and longer", async () => {
    const { page, counter, server } = await goLive();
    await page.advance(20_000);
    page.socket.drop(CloseCode.unauthenticated);
    await settle();
    expect(page.posts).toHaveLength(2);
    expect(page.sockets).toHaveLength(2);
    page.socket.open();
    page.socket.drop(CloseCode.unauthenticated);
    await settle();
    expect(page.sockets).toHaveLength(2);
    await page.advance(2_500);
    expect(page.sockets).toHaveLength(3);
    server.accept(page.socket);
    expect(counter.getSnapshot().status).toBe("live");
  });
});

describe("large frames", () => {
  test("[G14] [P42] puts chunks together, and says what it has read", async () => {
    const { page, counter } = setUp();
    const server = createServer("x".repeat(3_000_000));
    counter.subscribe(() => undefined);
    await settle();
    page.socket.open();
    const [hello] = page.socket.take();
    const [snapshot] = server.answer(page.socket, hello ?? []);
    if (!snapshot) throw new Error("There was no snapshot.");
    const frame = new OutgoingFrame([encodeMessage(snapshot)]);
    let read = 0;
    for (let index = 0; index < frame.chunks; index++) {
      expect(counter.getSnapshot().restored, `before chunk ${index}`).toBe(false);
      await page.advance(8_000);
      page.socket.deliverText(frame.chunk(index));
      read += frame.chunk(index).length;
    }
    expect(counter.getSnapshot()).toMatchObject({ status: "live", restored: true });
    const seen = page.socket.take().flat() as SeenMessage[];
    expect(new Set(seen.map(({ type }) => type))).toEqual(new Set(["seen"]));
    // So often that there is always room for the next chunk, and never twice for the same.
    expect(seen.length).toBeGreaterThan(8);
    const told = seen.reduce((sum, message) => sum + message.read, 0);
    expect(read - told).toBeGreaterThanOrEqual(0);
    expect(read - told).toBeLessThan(262_144);

    const length = encodeMessage(server.commit(put("text", "y".repeat(300_000)))).length;
    expect(page.socket.take()).toEqual([[{ type: "seen", read: read - told + length }]]);
  });

  test("half a frame from one socket is not joined with the next one's", async () => {
    const { page, counter, server } = setUp();
    counter.subscribe(() => undefined);
    await settle();
    page.socket.open();
    page.socket.deliverText('{"type":"chunk","index":0,"count":2,"text":"{"}');
    page.socket.drop();
    await page.advance(5_000);
    server.accept(page.socket);
    expect(counter.getSnapshot().status).toBe("live");
  });
});
