import type { ServerMessage } from "@holdfast/protocol";
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { exports } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { ask, constructed, newSession, TestSocket, withToken } from "./worker.fixture.ts";

const hello = (client: string) =>
  ({ type: "hello", protocol: 1, clients: [{ id: client, settled: 0 }] }) as const;
const act = (client: string, name: string, payload: string) =>
  ({ type: "action", client, seq: 1, settled: 0, name, payload }) as const;
let users = 0;
const freshUser = () => `user-${Date.now()}-${users++}`;
const stateOf = (message: ServerMessage | undefined) =>
  message?.type === "snapshot" ? message.state : message;

async function tokenSession(previous = ""): Promise<string> {
  const response = await ask("/holdfast/session", {
    method: "POST",
    headers: { Accept: "application/json", Origin: "none" },
    body: previous,
  });
  return ((await response.json()) as { session: string }).session;
}

describe("session()", () => {
  test("is one instance per browser, whatever else it sends", async () => {
    const [mine, other] = [await newSession(), await newSession()];
    const first = await TestSocket.open("/holdfast/connect/draft", { cookie: mine });
    first.say(hello("c1"));
    await first.take(1);
    first.say(act("c1", "write", "secret draft"));
    await first.take(2);
    const second = await TestSocket.open("/holdfast/connect/draft", { cookie: mine });
    second.say(hello("c2"));
    expect(stateOf((await second.take(1))[0])).toEqual({ text: "secret draft" });
    const stranger = await TestSocket.open("/holdfast/connect/draft", { cookie: other });
    stranger.say(hello("c1"));
    expect(stateOf((await stranger.take(1))[0])).toEqual({ text: "" });
  });

  test("[G18] forged, foreign, expired and path-tricked ones wake nothing", async () => {
    const valid = (await newSession()).slice("holdfast_session=".length);
    const [id = "", expires = "", signature = ""] = valid.split(".");
    const mine = await TestSocket.open("/holdfast/connect/draft", {
      cookie: `holdfast_session=${valid}`,
    });
    mine.say(hello("c1"));
    await mine.take(1);
    const before = await constructed();
    for (const session of [
      "",
      `${"A".repeat(22)}.${expires}.${signature}`,
      `${id}.${expires}.${"A".repeat(43)}`,
      `${id}.1.${signature}`,
      `${id}.zzzzzzz.${signature}`,
      `${id}.${signature}`,
      `../secret.${expires}.${signature}`,
      `secret.${expires}.${signature}`,
      `${encodeURIComponent("room/general").padEnd(22, "a")}.${expires}.${signature}`,
      `${id}/x.${expires}.${signature}`,
      `__proto__.${expires}.${signature}`,
    ]) {
      const cookie = `holdfast_session=${session}`;
      for (const how of [{ cookie }, { protocol: `holdfast.1, holdfast.session.${session}` }]) {
        const socket = await TestSocket.open("/holdfast/connect/draft", how);
        expect(await socket.untilClosed(), session).toMatchObject({
          code: 4401,
          reason: "SESSION_INVALID",
        });
      }
    }
    for (const [path, code] of [
      ["/holdfast/connect/draft?key=other", 4404],
      ["/holdfast/connect/draft%2Fother", 4404],
      ["/holdfast/connect/secret", 4404],
      ["/holdfast/connect/room%2Fgeneral", 4404],
      ["/holdfast/connect/room?key=closed", 4403],
    ] as const) {
      const socket = await TestSocket.open(path, { cookie: `holdfast_session=${valid}` });
      expect(await socket.untilClosed(), path).toMatchObject({ code });
    }
    expect(await constructed()).toBe(before);
  });

  test("[G18] the count of objects does tell who wakes one", async () => {
    const before = await constructed();
    await TestSocket.open("/holdfast/connect/draft", { cookie: await newSession() });
    expect(await constructed()).toBe(before + 1);
  });
});

describe("a session that is no cookie", () => {
  test("is minted for who asks for JSON, renewed by itself, and used without an Origin", async () => {
    const session = await tokenSession();
    const again = await tokenSession(session);
    expect(again.split(".")[0]).toBe(session.split(".")[0]);
    const socket = await TestSocket.open("/holdfast/connect/draft", {
      origin: "none",
      protocol: `holdfast.1, holdfast.session.${session}`,
    });
    socket.say(hello("c1"));
    expect(await socket.take(1)).toMatchObject([{ type: "snapshot" }]);
  });

  test("[P3] a page of another site is given one by itself, whatever cookies came along, and may see it", async () => {
    const cookie = await newSession();
    const across = { Origin: "https://friend.example", "Sec-Fetch-Site": "cross-site" };
    const response = await ask("/holdfast/session", {
      method: "POST",
      headers: { ...across, Cookie: cookie },
    });
    expect(response.headers.getSetCookie()).toEqual([]);
    expect(response.headers.get("Access-Control-Allow-Origin")).toBe("https://friend.example");
    const { session } = (await response.json()) as { session: string };
    expect(cookie).not.toContain(session.split(".")[0]);
    const socket = await TestSocket.open("/holdfast/connect/draft", {
      origin: "https://friend.example",
      protocol: `holdfast.1, holdfast.session.${session}`,
    });
    socket.say(hello("c1"));
    expect(await socket.take(1)).toMatchObject([{ type: "snapshot" }]);
    const sameSite = await ask("/holdfast/session", {
      method: "POST",
      headers: { ...across, "Sec-Fetch-Site": "same-site" },
    });
    expect(sameSite.headers.getSetCookie()).toHaveLength(2);
    const foreign = await ask("/holdfast/session", {
      method: "POST",
      headers: { ...across, Origin: "https://evil.example" },
    });
    expect(foreign.status).toBe(403);
  });

  test("[G18] a cookie without an Origin counts for nothing, and no cookie is told as a text", async () => {
    const cookie = await newSession();
    const alone = await TestSocket.open("/holdfast/connect/draft", { cookie, origin: "none" });
    expect(await alone.untilClosed()).toMatchObject({ code: 4403, reason: "ORIGIN_FORBIDDEN" });
    const beside = await TestSocket.open("/holdfast/connect/draft", {
      cookie,
      origin: "none",
      protocol: withToken("user_x"),
    });
    expect(await beside.untilClosed()).toMatchObject({ code: 4401, reason: "SESSION_INVALID" });
    const response = await ask("/holdfast/session", {
      method: "POST",
      headers: { Accept: "application/json", Cookie: cookie },
    });
    const { session } = (await response.json()) as { session: string };
    expect(cookie).not.toContain(session.split(".")[0]);
  });

  test("[G18] a foreign page gets none", async () => {
    const response = await ask("/holdfast/session", {
      method: "POST",
      headers: { Accept: "application/json", Origin: "https://evil.example" },
    });
    expect(response.status).toBe(403);
  });
});

describe("authenticate", () => {
  /** A socket whose token runs out while its object sleeps: later, where the machine is slower. */
  async function asleepUntilItsEnd() {
    for (let ms = 400; ; ms *= 4) {
      const id = freshUser();
      const expires = Date.now() + ms;
      const socket = await connect(`until_${expires}_${id}`);
      socket.say(hello("c1"));
      await socket.take(1);
      const object = exports.ModuleObject.getByName(`profile/${id}`);
      const alarm = await runInDurableObject(object, (_, { storage }) => storage.getAlarm());
      await evictDurableObject(object, { webSockets: "hibernate" });
      if (Date.now() >= expires) continue;
      expect(alarm).toBe(expires);
      return { socket, object, expires };
    }
  }

  const connect = async (token: string | undefined, module = "profile") =>
    TestSocket.open(`/holdfast/connect/${module}`, {
      cookie: await newSession(),
      ...(token === undefined ? {} : { protocol: withToken(token) }),
    });

  test("user() is one instance per user, over sessions; actions know who it is", async () => {
    const id = freshUser();
    const [phone, desk] = [await connect(`user_${id}`), await connect(`user_${id}`)];
    phone.say(hello("c1"));
    desk.say(hello("c2"));
    await Promise.all([phone.take(1), desk.take(1)]);
    phone.say(act("c1", "add", "note"));
    expect(await desk.take(1)).toMatchObject([
      { type: "commit", patches: [{ value: `note of ${id}` }] },
    ]);
    const stranger = await connect(`user_${freshUser()}`);
    stranger.say(hello("c1"));
    expect(stateOf((await stranger.take(1))[0])).toEqual({ names: [] });
  });

  test("[G18][G19] nobody and wrong tokens are refused before anything wakes, without the reason", async () => {
    const before = await constructed();
    const nobody = await connect(undefined);
    expect(await nobody.untilClosed()).toMatchObject({ code: 4401, reason: "UNAUTHENTICATED" });
    const wrong = await connect("wrong");
    const { messages, ...close } = await wrong.untilClosed();
    expect(close).toMatchObject({ code: 4401, reason: "UNAUTHENTICATED" });
    expect(JSON.stringify(messages)).not.toContain("secret reason");
    const late = await connect(`until_${Date.now() - 1}_${freshUser()}`);
    expect(await late.untilClosed()).toMatchObject({ code: 4401, reason: "UNAUTHENTICATED" });
    // A wrong token is refused at every module, not only where it would be needed.
    expect(await (await connect("wrong", "counter")).untilClosed()).toMatchObject({ code: 4401 });
    expect(await constructed()).toBe(before);
  });

  test("[G18] a user too large or without an id is refused, and the log says why", async () => {
    expect(await (await connect(`user_${"x".repeat(600)}`)).untilClosed()).toMatchObject({
      code: 4503,
      reason: "DEFINITION_INVALID",
    });
    expect(await (await connect("user_")).untilClosed()).toMatchObject({ code: 4503 });
  });

  test("a socket whose token runs out is closed with 4401, also from hibernation, and leaves no storage", async () => {
    const { socket, object, expires } = await asleepUntilItsEnd();
    const closed = await socket.untilClosed();
    expect(closed).toMatchObject({ code: 4401, reason: "UNAUTHENTICATED" });
    expect(Date.now()).toBeGreaterThanOrEqual(expires);
    expect(await runDurableObjectAlarm(object)).toBe(false);
    const rows = await runInDurableObject(object, (_, { storage }) =>
      storage.sql.exec("SELECT name FROM sqlite_master WHERE name LIKE 'holdfast%'").toArray(),
    );
    expect(rows).toEqual([]);
  });
});
