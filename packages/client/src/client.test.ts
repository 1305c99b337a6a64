import { CloseCode } from "@holdfast/protocol";
import { describe, expect, test, vi } from "vitest";
import { goLive, setUp } from "./client.fixture.ts";
import { settle } from "./page.fixture.ts";
import { outcome } from "./store/store.fixture.ts";

describe("the client as a whole", () => {
  test("tells how its instances are, together", async () => {
    const { page, client, counter, server } = setUp();
    const seen: unknown[] = [];
    client.subscribe(() => seen.push(client.getSnapshot()));
    expect(client.getSnapshot()).toEqual({ status: "connecting", pending: 0 });
    counter.subscribe(() => undefined);
    await settle();
    server.accept(page.socket);
    expect(client.getSnapshot().status).toBe("live");
    const room = client.module("room", "a");
    room.subscribe(() => undefined);
    await settle();
    expect(client.getSnapshot().status).toBe("connecting");
    page.socket.open();
    page.socket.drop(CloseCode.forbidden);
    expect(room.getSnapshot().status).toBe("denied");
    expect(client.getSnapshot()).toEqual({ status: "live", pending: 0 });
    void counter.actions.add();
    expect(client.getSnapshot()).toEqual({ status: "live", pending: 1 });
    expect(client.getSnapshot()).toBe(client.getSnapshot());
  });

  test("close() ends every instance, rejects what is open and opens nothing again", async () => {
    const { page, client, counter, server } = await goLive();
    const sent = counter.actions.add();
    await settle();
    const waiting = counter.actions.add();
    client.close();
    expect(await outcome(sent)).toBe("CLOSED");
    expect(await outcome(waiting)).toBe("CLOSED");
    expect(counter.getSnapshot()).toMatchObject({ status: "closed", error: { code: "CLOSED" } });
    expect(page.liveSockets).toEqual([]);
    const room = client.module("room", "a");
    expect(room.getSnapshot().status).toBe("closed");
    expect(room.getSnapshot()).toBe(room.getSnapshot());
    room.subscribe(() => undefined);
    expect(await outcome(room.actions.add())).toBe("CLOSED");
    await page.advance(120_000);
    expect(page.sockets).toHaveLength(1);
    expect(server.version).toBe(0);
  });

  test("close() between two attempts asks for nothing more", async () => {
    const token = vi.fn(() => "t");
    const { page, client } = await goLive({ token });
    page.socket.drop();
    await settle();
    client.close();
    await page.advance(60_000);
    expect(token).toHaveBeenCalledTimes(1);
    expect(page.sockets).toHaveLength(1);
    expect(page.timers).toBe(0);
  });

  test("refusals that nobody looks at are said on the console, in words that help", async () => {
    const { page, counter, server } = await goLive();
    void counter.actions.fail();
    await settle();
    server.handle(page.socket);
    await page.advance(10);
    expect(page.reports.map(({ message }) => message)).toEqual([
      expect.stringMatching(/"fail" of "counter" was refused \(REFUSED\).*onRejected/),
    ]);
  });

  test("actions keep their identity, and take a click for no payload", async () => {
    const { page, counter } = await goLive();
    const { add } = counter.actions;
    expect(counter.actions.add).toBe(add);
    const onClick = add as (event: unknown) => Promise<number>;
    void onClick({ type: "click", preventDefault: () => undefined });
    void onClick(new Event("click"));
    void add(3);
    await settle();
    const [frame] = page.socket.take();
    expect(frame?.map((message) => ("payload" in message ? message.payload : "none"))).toEqual([
      "none",
      "none",
      3,
    ]);
    expect(await Promise.resolve(counter.actions)).toBe(counter.actions);
    expect(JSON.stringify(counter.actions)).toBe("{}");
    expect(counter.actions.valueOf()).toBe(counter.actions);
    await settle();
    expect(page.socket.take()).toEqual([]);
  });

  test("reducers need the optimism that the client was given", async () => {
    const { counter } = await goLive();
    const { add } = counter.optimistic(() => ({ add: () => undefined }));
    await expect(add()).rejects.toMatchObject({ code: "DEFINITION_INVALID" });
  });
});
