import { decodeServerFrame, PROTOCOL_VERSION, type SnapshotMessage } from "@holdfast/protocol";
import { describe, expect, test } from "vitest";
import { TestBrowser, TestPage } from "./page.fixture.ts";
import { startServer } from "./server.fixture.ts";

type Server = Awaited<ReturnType<typeof startServer>>;

/** A browser asks for a page: with its cookies, and without an Origin. */
function pageRequest(server: Server, browser?: TestBrowser, token?: string): Request {
  const headers = new Headers();
  if (browser) headers.set("Cookie", browser.cookie);
  if (token !== undefined) headers.set("Authorization", `Bearer user_${token}`);
  return new Request(`${server.url}/a-page`, { headers });
}

function read(text: string): SnapshotMessage {
  const [message] = decodeServerFrame(text);
  if (message?.type !== "snapshot") throw new Error(`no snapshot: ${text}`);
  return message;
}

describe("createSnapshot on Node", () => {
  test("[G9] the page goes on from its version: nothing but what came since crosses the wire", async () => {
    const server = await startServer();
    const browser = await TestBrowser.at(server.url);
    const writer = await browser.page("room", { key: "a" });
    await writer.act("send", "first");
    const snapshot = read(await server.createSnapshot(pageRequest(server, browser), "room", "a"));
    expect(snapshot).toMatchObject({ version: 1, state: { texts: ["first"] } });
    const { epoch, version, mark, schema } = snapshot;
    const page = new TestPage(browser.socket("/holdfast/connect/room?key=a"), "c2");
    await new Promise((resolve) => page.socket.once("open", resolve));
    const known = { epoch, version, mark, schema };
    page.say({ type: "hello", protocol: PROTOCOL_VERSION, clients: [], ...known });
    expect(await page.take(() => true)).toEqual({ type: "resume", commits: [] });
    await writer.act("send", "second");
    expect(await page.take(() => true)).toMatchObject({ type: "commit", version: 2 });
  });

  test("[G15] it is what its visitor sees; one without a session sees what everybody does", async () => {
    const server = await startServer();
    const [ann, ben] = [await TestBrowser.at(server.url), await TestBrowser.at(server.url)];
    await (await ann.page("draft")).act("write", "dear diary");
    const draftOf = async (browser: TestBrowser): Promise<unknown> =>
      read(await server.createSnapshot(pageRequest(server, browser), "draft")).state;
    expect(await draftOf(ann)).toEqual({ text: "dear diary" });
    expect(await draftOf(ben)).toEqual({ text: "" });
    const stranger = pageRequest(server);
    expect(read(await server.createSnapshot(stranger, "counter"))).toMatchObject({ version: 0 });
    await expect(server.createSnapshot(stranger, "draft")).rejects.toMatchObject({
      code: "SESSION_INVALID",
    });
  });

  test("[G18] [G22] who would not be let in is refused; where the key is derived, it is the session's own place", async () => {
    const server = await startServer();
    const browser = await TestBrowser.at(server.url);
    const request = (token?: string): Request => pageRequest(server, browser, token);
    for (const [ask, code] of [
      [() => server.createSnapshot(request(), "room", "closed"), "FORBIDDEN"],
      [() => server.createSnapshot(request(), "profile"), "UNAUTHENTICATED"],
      [() => server.createSnapshot(request(), "nothing" as "counter"), "UNKNOWN_MODULE"],
    ] as const) {
      await expect(ask()).rejects.toMatchObject({ code });
    }
    expect(read(await server.createSnapshot(request("ann"), "profile")).state).toEqual({
      name: "",
    });
    const page = await browser.page("todos");
    page.send("login", "ann");
    await page.untilClosed();
    expect(read(await server.createSnapshot(request(), "todos")).state).toMatchObject({
      user: { id: "ann" },
    });
    const other = pageRequest(server, await TestBrowser.at(server.url));
    expect(read(await server.createSnapshot(other, "todos")).state).toMatchObject({ user: null });
  });
});
