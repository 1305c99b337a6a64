import { decodeServerFrame, type SnapshotMessage } from "@holdfast/protocol";
import { describe, expect, test } from "vitest";
import { ask, newSession, TestSocket } from "./worker.fixture.ts";

let keys = 0;

function fresh(): string {
  return `page-${Date.now()}-${keys++}`;
}

/** What the tests' own worker answers when a page asks it for a snapshot. */
async function snapshotOf(
  module: string,
  key: string | undefined,
  cookie?: string,
): Promise<SnapshotMessage | string> {
  const where = new URLSearchParams({ module, ...(key === undefined ? {} : { key }) });
  // As a browser asks for a page that somebody opens: with cookies, and no Origin.
  const headers = { Origin: "none", ...(cookie === undefined ? {} : { Cookie: cookie }) };
  const response = await ask(`/test/page?${where.toString()}`, { headers });
  const text = await response.text();
  if (response.status !== 200) return text;
  const [message] = decodeServerFrame(text);
  if (message?.type !== "snapshot") throw new Error(`no snapshot: ${text}`);
  return message;
}

async function join(module: string, key: string | undefined, cookie: string): Promise<TestSocket> {
  const where = key === undefined ? "" : `?key=${key}`;
  return TestSocket.open(`/holdfast/connect/${module}${where}`, { cookie });
}

const write = (client: string, seq: number, name: string, payload: string) =>
  ({ type: "action", client, seq, settled: seq - 1, name, payload }) as const;

describe("createSnapshot", () => {
  test("[G9] the page goes on from its version: nothing but what came since crosses the wire", async () => {
    const key = fresh();
    const cookie = await newSession();
    const socket = await join("room", key, cookie);
    socket.say(
      { type: "hello", protocol: 1, clients: [{ id: "a", settled: 0 }] },
      write("a", 1, "send", "first"),
    );
    await socket.take(3);
    const page = await snapshotOf("room", key, cookie);
    if (typeof page === "string") throw new Error(page);
    expect(page).toMatchObject({ version: 1, state: { messages: [{ text: "first" }] } });
    const { epoch, version, mark, schema } = page;
    const browser = await join("room", key, cookie);
    browser.say({ type: "hello", protocol: 1, clients: [], epoch, version, mark, schema });
    expect(await browser.take(1)).toEqual([{ type: "resume", commits: [] }]);
    socket.say(write("a", 2, "send", "second"));
    expect(await browser.take(1)).toMatchObject([{ type: "commit", version: 2 }]);
  });

  test("a visitor without a session is rendered what everybody sees, and gets none by it", async () => {
    const key = fresh();
    expect(await snapshotOf("room", key)).toMatchObject({ version: 0, state: { messages: [] } });
    expect(await snapshotOf("draft", undefined)).toBe("SESSION_INVALID");
    expect(await snapshotOf("todos", undefined)).toBe("SESSION_INVALID");
  });

  test("[G15] a page holds what its visitor sees, and no other", async () => {
    const key = fresh();
    const [ann, ben] = [await newSession(), await newSession()];
    const socket = await join("lobby", key, ann);
    socket.say(
      { type: "hello", protocol: 1, clients: [{ id: "a", settled: 0 }] },
      write("a", 1, "hold", "ace of spades"),
    );
    await socket.take(3);
    expect(JSON.stringify(await snapshotOf("lobby", key, ann))).toContain("ace of spades");
    expect(JSON.stringify(await snapshotOf("lobby", key, ben))).not.toContain("ace of spades");
    const own = await join("draft", undefined, ann);
    own.say(
      { type: "hello", protocol: 1, clients: [{ id: "d", settled: 0 }] },
      write("d", 1, "write", "my draft"),
    );
    await own.take(3);
    expect(await snapshotOf("draft", undefined, ann)).toMatchObject({
      state: { text: "my draft" },
    });
    expect(await snapshotOf("draft", undefined, ben)).toMatchObject({ state: { text: "" } });
  });

  test("[G22] where the key is derived, it is that of the session's own place", async () => {
    const cookie = await newSession();
    const user = fresh();
    const socket = await join("todos", undefined, cookie);
    socket.say({ type: "hello", protocol: 1, clients: [{ id: "t", settled: 0 }] });
    await socket.take(2);
    socket.say(write("t", 1, "login", user));
    await socket.untilClosed();
    expect(await snapshotOf("todos", undefined, cookie)).toMatchObject({
      state: { user: { id: user } },
    });
    expect(await snapshotOf("todos", undefined, await newSession())).toMatchObject({
      state: { user: null },
    });
  });

  test("[G18] what nobody would be let in to is refused, with the same words", async () => {
    const cookie = await newSession();
    expect(await snapshotOf("room", "closed", cookie)).toBe("FORBIDDEN");
    expect(await snapshotOf("profile", undefined, cookie)).toBe("UNAUTHENTICATED");
    expect(await snapshotOf("nothing", undefined, cookie)).toBe("UNKNOWN_MODULE");
    expect(await snapshotOf("profile", undefined, `${cookie}; legacy=ann`)).toMatchObject({
      state: { names: [] },
    });
  });
});
