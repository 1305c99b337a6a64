import { PING_FRAME, type ServerMessage } from "@holdfast/protocol";
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { exports } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { ask, newSession, ORIGIN, TestSocket, withToken } from "./worker.fixture.ts";

let rooms = 0;
/** Objects outlive a test: each takes a room of its own. */
const freshRoom = () => `room-${Date.now()}-${rooms++}`;
const path = (room: string) => `/holdfast/connect/room?key=${room}`;
const objectOf = (room: string) => exports.ModuleObject.getByName(`room/${room}`);
const hello = (client: string) =>
  ({ type: "hello", protocol: 1, clients: [{ id: client, settled: 0 }] }) as const;
const send = (client: string, seq: number, text: string) =>
  ({ type: "action", client, seq, settled: 0, name: "send", payload: text }) as const;

describe("sessions", () => {
  test("POST mints one, signed, for the page only; a valid one is kept", async () => {
    const response = await ask("/holdfast/session", { method: "POST" });
    expect(response.status).toBe(204);
    const [session, principal] = response.headers.getSetCookie();
    expect(session).toMatch(
      /^holdfast_session=[\w-]{22}\.[0-9a-z]+\.[\w-]{43}; HttpOnly; Path=\/; SameSite=Lax/,
    );
    expect(session).toContain("; Secure");
    expect(principal).toMatch(/^holdfast_principal=[\w-]{22}; Path=\//);
    expect(principal).not.toContain("HttpOnly");
    const again = await ask("/holdfast/session", {
      method: "POST",
      headers: { Cookie: session?.split(";")[0] ?? "" },
    });
    expect(again.headers.getSetCookie()).toEqual([]);
  });

  test("a forged one is minted anew", async () => {
    const forged = (await newSession()).replace(/\.([^.])(?=[^.]*$)/, (_, first) =>
      first === "A" ? ".B" : ".A",
    );
    const response = await ask("/holdfast/session", {
      method: "POST",
      headers: { Cookie: forged },
    });
    expect(response.headers.getSetCookie()).toHaveLength(2);
  });

  test("[G18] a foreign page gets none", async () => {
    const response = await ask("/holdfast/session", {
      method: "POST",
      headers: { Origin: "https://evil.example" },
    });
    expect(response.status).toBe(403);
    expect(response.headers.getSetCookie()).toEqual([]);
    expect(await response.json()).toMatchObject({ error: { code: "ORIGIN_FORBIDDEN" } });
  });

  test("a friend's page gets one, and may see that it did", async () => {
    const response = await ask("/holdfast/session", {
      method: "POST",
      headers: { Origin: "https://friend.example" },
    });
    expect(response.headers.getSetCookie()).toHaveLength(2);
    expect(response.headers.get("Access-Control-Allow-Origin")).toBe("https://friend.example");
    expect(response.headers.get("Access-Control-Allow-Credentials")).toBe("true");
  });

  test("GET is no way to get one", async () => {
    expect((await ask("/holdfast/session")).status).toBe(405);
  });
});

describe("admission", () => {
  test.each([
    ["a foreign origin", { origin: "https://evil.example" }, "general", 4403, "ORIGIN_FORBIDDEN"],
    ["no origin", { origin: "none" }, "general", 4403, "ORIGIN_FORBIDDEN"],
    ["no session", { cookie: "" }, "general", 4401, "SESSION_INVALID"],
    [
      "a forged session",
      { cookie: `holdfast_session=${"A".repeat(22)}.${"A".repeat(43)}` },
      "general",
      4401,
      "SESSION_INVALID",
    ],
    [
      "a session that is no such thing",
      { cookie: "holdfast_session=x.y" },
      "general",
      4401,
      "SESSION_INVALID",
    ],
    ["a key that allow refuses", {}, "closed", 4403, "FORBIDDEN"],
    ["a key too long", {}, "k".repeat(513), 4404, "KEY_INVALID"],
    ["no key", {}, "", 4404, "KEY_INVALID"],
  ])(
    "[G18] %s is refused by a terminal close, and no instance wakes",
    async (_what, who, key, code, error) => {
      const room = key === "general" ? freshRoom() : key;
      const socket = await TestSocket.open(path(room), { cookie: await newSession(), ...who });
      expect(await socket.untilClosed()).toMatchObject({
        code,
        reason: error,
        messages: [{ type: "error", error: { code: error } }],
      });
    },
  );

  test("[G18] [P4] what is wrong in many ways is told the first of them, in this order", async () => {
    const forged = `holdfast_session=${"A".repeat(22)}.${"A".repeat(43)}`;
    const told = async (
      module: string,
      key: string,
      ...who: readonly [string, string, string?]
    ) => {
      const [origin, cookie, token = "wrong"] = who;
      const socket = await TestSocket.open(`/holdfast/connect/${module}?key=${key}`, {
        origin,
        cookie,
        protocol: withToken(token),
      });
      return (await socket.untilClosed()).reason;
    };
    const cookie = await newSession();
    const tooLong = "k".repeat(513);
    expect([
      await told("nothing", tooLong, "https://evil.example", forged),
      await told("nothing", tooLong, ORIGIN, forged),
      await told("room", tooLong, ORIGIN, forged),
      await told("room", tooLong, ORIGIN, cookie),
      await told("room", tooLong, ORIGIN, cookie, "user_ann"),
      await told("room", "closed", ORIGIN, cookie, "user_ann"),
    ]).toEqual([
      "ORIGIN_FORBIDDEN",
      "UNKNOWN_MODULE",
      "SESSION_INVALID",
      "UNAUTHENTICATED",
      "KEY_INVALID",
      "FORBIDDEN",
    ]);
  });

  test("[G18] an unknown module is refused, whatever its name", async () => {
    const cookie = await newSession();
    for (const name of ["nothing", "__proto__", "constructor", "%E0%A4%A", ""]) {
      const socket = await TestSocket.open(`/holdfast/connect/${name}`, { cookie });
      expect(await socket.untilClosed(), name).toMatchObject({
        code: 4404,
        reason: "UNKNOWN_MODULE",
      });
    }
  });

  test("a friend's origin may connect", async () => {
    const socket = await TestSocket.open("/holdfast/connect/counter", {
      cookie: await newSession(),
      origin: "https://friend.example",
      protocol: "holdfast.1",
    });
    expect(socket.protocol).toBe("holdfast.1");
    socket.say(hello("c1"));
    expect(await socket.take(1)).toMatchObject([{ type: "snapshot" }]);
  });

  test("what is not an upgrade is told so, other paths go to the app", async () => {
    expect((await ask("/holdfast/connect/counter")).status).toBe(426);
    expect((await ask("/holdfast/else")).status).toBe(404);
    expect(await (await ask("/")).text()).toBe("the app's own page");
    expect(ORIGIN).toBe("https://app.example");
  });
});

describe("an instance", () => {
  test("[G1][G10] is live in two sockets, survives hibernation with them, and eviction without", async () => {
    const room = freshRoom();
    const [first, second] = [
      await TestSocket.open(path(room), { cookie: await newSession() }),
      await TestSocket.open(path(room), { cookie: await newSession() }),
    ];
    first.say(hello("c1"));
    second.say(hello("c2"));
    expect(await first.take(1)).toMatchObject([{ type: "snapshot", state: { messages: [] } }]);
    await second.take(1);

    first.say(send("c1", 1, "one"));
    expect(await first.take(2)).toMatchObject([
      { type: "commit", version: 1 },
      { type: "ack", client: "c1", seq: 1, version: 1, result: 1 },
    ]);
    expect(await second.take(1)).toMatchObject([{ type: "commit", version: 1 }]);

    await evictDurableObject(objectOf(room), { webSockets: "hibernate" });
    second.say(send("c2", 1, "two"));
    expect(await second.take(2)).toMatchObject([
      { type: "commit", version: 2 },
      { type: "ack", client: "c2", result: 2 },
    ]);
    expect(await first.take(1)).toMatchObject([{ type: "commit", version: 2 }]);

    // A duplicate of what was done before the hibernation gets its stored answer.
    await evictDurableObject(objectOf(room), { webSockets: "hibernate" });
    first.say(send("c1", 1, "one"));
    expect(await first.take(1)).toMatchObject([{ type: "ack", seq: 1, version: 1, result: 1 }]);

    await evictDurableObject(objectOf(room), { webSockets: "close" });
    const third = await TestSocket.open(path(room), { cookie: await newSession() });
    third.say(hello("c3"));
    const [snapshot] = await third.take(1);
    expect(textsOf(snapshot)).toEqual(["one", "two"]);
  });

  test("that was only asked for leaves no storage", async () => {
    const room = freshRoom();
    const socket = await TestSocket.open(path(room), { cookie: await newSession() });
    socket.say(hello("c1"));
    await socket.take(1);
    const tables = await runInDurableObject(objectOf(room), (_object, state) =>
      state.storage.sql
        .exec("SELECT name FROM sqlite_master WHERE name LIKE 'holdfast%'")
        .toArray(),
    );
    expect(tables).toEqual([]);
  });

  test("[P11] a ping is answered without waking it, a bad frame closes one socket only", async () => {
    const room = freshRoom();
    const bad = await TestSocket.open(path(room), { cookie: await newSession() });
    const good = await TestSocket.open(path(room), { cookie: await newSession() });
    bad.say(hello("c1"));
    good.say(hello("c2"));
    await Promise.all([bad.take(1), good.take(1)]);
    bad.sendRaw(new Uint8Array([1, 2, 3]).buffer);
    expect(await bad.untilClosed()).toMatchObject({ code: 4400, reason: "MALFORMED_FRAME" });
    good.say(send("c2", 1, "still here"));
    expect(await good.take(2)).toMatchObject([{ type: "commit" }, { type: "ack" }]);
    expect(PING_FRAME).toBe('{"type":"ping"}');
  });

  test("[P1] keys that look alike are instances apart", async () => {
    const room = freshRoom();
    const cookie = await newSession();
    const plain = await TestSocket.open(path(room), { cookie });
    const other = await TestSocket.open(path(`${room}%2F`), { cookie });
    plain.say(hello("c1"));
    other.say(hello("c2"));
    await Promise.all([plain.take(1), other.take(1)]);
    plain.say(send("c1", 1, "mine"));
    await plain.take(2);
    const late = await TestSocket.open(path(`${room}%2F`), { cookie });
    late.say(hello("c3"));
    expect(textsOf((await late.take(1))[0])).toEqual([]);
  });
});

function textsOf(message: ServerMessage | undefined): string[] {
  if (message?.type !== "snapshot") throw new Error(`no snapshot: ${JSON.stringify(message)}`);
  return (message.state as { messages: { text: string }[] }).messages.map(({ text }) => text);
}

test("[G18] where no token is set there is no admin surface, whatever is brought", async () => {
  for (const token of ["", "undefined", "null"]) {
    const headers = { Authorization: `Bearer ${token}` };
    const response = await ask("/holdfast/admin/inspect", { headers });
    expect([response.status, await response.text()]).toEqual([404, "Holdfast has nothing here."]);
  }
});
