import { describe, expect, test } from "vitest";
import { createServer } from "./client.fixture.ts";
import { freshOrigin, KeptPage, keptOf, until } from "./kept-page.fixture.ts";
import { settle } from "./page.fixture.ts";

/** A page whose session has moved so often, as the server says. */
async function pageAt(
  generation: number,
  origin: string,
  server: ReturnType<typeof createServer>,
): Promise<KeptPage> {
  const page = new KeptPage(origin).show();
  await page.connect(server);
  page.page.socket.deliver({ type: "bound", generation });
  await settle();
  return page;
}

describe("[G22] what a page leaves behind whose session has moved", () => {
  test.each([
    ["before its session moved", 1, 2],
    ["in another place than the one that is shown", 2, 1],
  ])("is told, and not sent by the next: %s", async (_when, left, shown) => {
    const origin = freshOrigin();
    const server = createServer();
    const first = await pageAt(left, origin, server);
    void first.add(3).catch(() => undefined);
    await until(async () => (await keptOf(origin)).actions.length === 1);
    const second = await pageAt(shown, origin, server);
    first.client.close();
    await until(() => {
      server.handle(second.page.socket);
      return second.rejections.length > 0 || server.version > 0;
    });
    expect(second.rejections).toMatchObject([{ payload: 3, error: { code: "OUTCOME_UNKNOWN" } }]);
    await until(async () => (await keptOf(origin)).actions.length === 0);
    expect(server.version).toBe(0);
    second.client.close();
  });

  test("is sent by the next where the session is still in that place", async () => {
    const origin = freshOrigin();
    const server = createServer();
    const first = await pageAt(1, origin, server);
    void first.add(3).catch(() => undefined);
    await until(async () => (await keptOf(origin)).actions.length === 1);
    const second = await pageAt(1, origin, server);
    first.client.close();
    await until(() => {
      server.handle(second.page.socket);
      return second.n === 3 && second.counter.getSnapshot().pending === 0;
    });
    expect(second.rejections).toEqual([]);
    second.client.close();
  });
});
