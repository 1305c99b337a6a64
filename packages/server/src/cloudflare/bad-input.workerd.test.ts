import { DEFAULT_LIMITS, type ServerMessage } from "@holdfast/protocol";
import { describe, expect, test } from "vitest";
import { newSession, ORIGIN, TestSocket } from "./worker.fixture.ts";

const FORGED = `holdfast_session=${"A".repeat(22)}.${"A".repeat(43)}`;

let rooms = 0;
const freshRoom = (): string => `bad-input-${Date.now()}-${rooms++}`;
const hello = (client: string) =>
  ({ type: "hello", protocol: 1, clients: [{ id: client, settled: 0 }] }) as const;
const send = (client: string, seq: number, text: string) =>
  ({ type: "action", client, seq, settled: 0, name: "send", payload: text }) as const;

/** What somebody is told: the code, and words that say what happened, why, and what to do. */
interface Told {
  readonly code: string;
  readonly message: RegExp;
}

function errorOf(message: ServerMessage | undefined): unknown {
  return message?.type === "error" || message?.type === "reject" ? message.error : message;
}

const expectTold = (message: ServerMessage | undefined, { code, message: words }: Told): void =>
  expect(errorOf(message)).toEqual({ code, message: expect.stringMatching(words) });

describe("somebody who does not get in", () => {
  test.each<[what: string, where: string, who: { origin?: string; cookie?: string }, told: Told]>([
    [
      "an unknown module",
      "nothing?key=a",
      {},
      { code: "UNKNOWN_MODULE", message: /no module of that name.*Add it to `modules`/ },
    ],
    [
      "no key where one is wanted",
      "room",
      {},
      { code: "KEY_INVALID", message: /no key was given.*Pass one/ },
    ],
    [
      "a key where none is wanted",
      "counter?key=a",
      {},
      { code: "KEY_INVALID", message: /a key was given.*Leave the key out/ },
    ],
    [
      "a key too long",
      `room?key=${"k".repeat(513)}`,
      {},
      { code: "KEY_INVALID", message: /longer than 512 bytes.*Use a short id/ },
    ],
    [
      "a key that allow refuses",
      "room?key=closed",
      {},
      { code: "FORBIDDEN", message: /`allow` refuses it.*Ask for another one/ },
    ],
    [
      "a forged session",
      "counter",
      { cookie: FORGED },
      { code: "SESSION_INVALID", message: /not made by this server.*Ask for a new one/ },
    ],
    [
      "a foreign page",
      "counter",
      { origin: "https://evil.example" },
      { code: "ORIGIN_FORBIDDEN", message: /may not connect.*`allowedOrigins`/ },
    ],
  ])("[G18] %s", async (_what, where, who, told) => {
    const cookie = await newSession();
    const socket = await TestSocket.open(`/holdfast/connect/${where}`, {
      cookie,
      origin: ORIGIN,
      ...who,
    });
    const { messages } = await socket.untilClosed();
    expectTold(messages[0], told);
  });
});

describe("somebody who is in", () => {
  const deep = "[".repeat(65) + "]".repeat(65);
  const action = (payload: string, name = "send"): string =>
    `{"type":"action","client":"bad","seq":2,"settled":0,"name":"${name}","payload":${payload}}`;
  test.each<[what: string, frame: string | ArrayBuffer, told: Told, closes: boolean]>([
    [
      "another protocol number",
      '{"type":"hello","protocol":99,"clients":[]}',
      { code: "PROTOCOL_UNSUPPORTED", message: /speaks protocol 99.*Reload the page/ },
      true,
    ],
    ["no JSON", "{", { code: "MALFORMED_FRAME", message: /it is not JSON.*reload the page/ }, true],
    [
      "bytes",
      new ArrayBuffer(4),
      { code: "MALFORMED_FRAME", message: /it is binary.*reload the page/ },
      true,
    ],
    [
      "a frame over its limit",
      `"${"x".repeat(DEFAULT_LIMITS.frameInBytes)}"`,
      { code: "FRAME_TOO_LARGE", message: /larger than 262144 bytes.*Send less/ },
      true,
    ],
    [
      "a field that is missing",
      '{"type":"action","client":"bad","seq":2}',
      { code: "MALFORMED_FRAME", message: /action\.settled is not.*reload the page/ },
      true,
    ],
    [
      "a payload that no state can hold",
      action('{"$":"Nothing"}'),
      { code: "VALUE_UNSUPPORTED", message: /action\.payload is not readable.*another version/ },
      true,
    ],
    [
      "a payload too deep",
      action(deep),
      { code: "VALUE_TOO_DEEP", message: /nested deeper than 64 levels.*Flatten it/ },
      true,
    ],
    [
      "an action of another client",
      action('"x"').replace('"bad"', '"other"'),
      { code: "MALFORMED_FRAME", message: /a client id that hello did not.*out of date/ },
      true,
    ],
    [
      "an unknown action",
      action('"x"', "nothing"),
      { code: "UNKNOWN_ACTION", message: /no action "nothing".*reload it/ },
      false,
    ],
    [
      "a patch where clients may not write",
      '{"type":"patch","client":"bad","seq":2,"base":0,"after":0,"settled":0,"patches":[["replace",["messages"],[]]]}',
      { code: "WRITE_FORBIDDEN", message: /does not let clients write.*clientWrites/ },
      false,
    ],
  ])(
    "[G17] %s: is told why, loses nothing, and nothing else stops",
    async (_what, frame, told, closes) => {
      const room = freshRoom();
      const open = async (client: string): Promise<TestSocket> => {
        const socket = await TestSocket.open(`/holdfast/connect/room?key=${room}`, {
          cookie: await newSession(),
        });
        socket.say(hello(client));
        await socket.take(1);
        return socket;
      };
      const [bad, good] = [await open("bad"), await open("good")];
      bad.say(send("bad", 1, "before"));
      await bad.take(2);
      bad.sendRaw(frame);
      const [message] = closes ? (await bad.untilClosed()).messages : await bad.take(1);
      expectTold(message, told);
      good.say(send("good", 1, "behind"));
      expect(await good.take(3)).toMatchObject([
        { type: "commit", version: 1 },
        { type: "commit", version: 2 },
        { type: "ack", result: 2 },
      ]);
      if (closes) return;
      bad.say(send("bad", 3, "on"));
      expect(await bad.take(3)).toMatchObject([
        { type: "commit", version: 2 },
        { type: "commit", version: 3 },
        { type: "ack", seq: 3, result: 3 },
      ]);
    },
  );
});
