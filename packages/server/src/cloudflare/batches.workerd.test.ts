import type { ActionMessage, ServerMessage } from "@holdfast/protocol";
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { exports } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { newSession, TestSocket } from "./worker.fixture.ts";

let keys = 0;
/** An instance of its own for each test: objects outlive it. */
class TestRoom {
  readonly key = `batches-${Date.now()}-${keys++}`;
  readonly #object = exports.ModuleObject.getByName(`room/${this.key}`);

  async join(client: string): Promise<TestSocket> {
    const socket = await TestSocket.open(`/holdfast/connect/room?key=${this.key}`, {
      cookie: await newSession(),
    });
    socket.say({ type: "hello", protocol: 1, clients: [{ id: client, settled: 0 }] });
    await socket.take(1);
    return socket;
  }

  /** From now on storage itself refuses journal rows of which the SQL condition is true. */
  refuseRows(condition: string): Promise<void> {
    return this.sql(
      `CREATE TRIGGER refuse BEFORE INSERT ON holdfast_journal WHEN ${condition}
         BEGIN SELECT RAISE(ABORT, 'the disk says no'); END`,
    );
  }

  takeRows(): Promise<void> {
    return this.sql("DROP TRIGGER refuse");
  }

  async sql(statement: string): Promise<void> {
    await runInDurableObject(this.#object, (_object, { storage }) => {
      storage.sql.exec(statement);
    });
  }

  /** How many durable writes the journal holds. */
  writes(): Promise<number> {
    return runInDurableObject(this.#object, (_object, { storage }) =>
      Number(storage.sql.exec("SELECT count(*) AS n FROM holdfast_journal").one()["n"]),
    );
  }

  /** What somebody is given who comes when memory is gone: what storage holds. */
  async stored(): Promise<string[]> {
    await evictDurableObject(this.#object, { webSockets: "hibernate" });
    const socket = await TestSocket.open(`/holdfast/connect/room?key=${this.key}`, {
      cookie: await newSession(),
    });
    socket.say({ type: "hello", protocol: 1, clients: [{ id: "late", settled: 0 }] });
    const [snapshot] = await socket.take(1);
    return textsOf(snapshot);
  }
}

const send = (seq: number, text: unknown, name = "send"): ActionMessage => ({
  type: "action",
  client: "c1",
  seq,
  settled: 0,
  name,
  payload: text as string,
});

function textsOf(message: ServerMessage | undefined): string[] {
  if (message?.type !== "snapshot") throw new Error(`no snapshot: ${JSON.stringify(message)}`);
  return (message.state as { messages: { text: string }[] }).messages.map(({ text }) => text);
}

describe("the actions of one frame", () => {
  test("[G1] share one durable write, each with its own version and ack", async () => {
    const room = new TestRoom();
    const page = await room.join("c1");
    page.say(send(1, "first"));
    await page.take(2);
    const before = await room.writes();
    page.say(send(2, "a"), send(3, "b"), send(4, "c"));
    expect(await page.take(6)).toMatchObject([
      { type: "commit", version: 2 },
      { type: "ack", seq: 2, version: 2 },
      { type: "commit", version: 3 },
      { type: "ack", seq: 3, version: 3 },
      { type: "commit", version: 4 },
      { type: "ack", seq: 4, version: 4 },
    ]);
    expect(await room.writes()).toBe(before + 1);
    expect(await room.stored()).toEqual(["first", "a", "b", "c"]);
  });

  test("[G4] a throw in the middle undoes that one, and is told like the others", async () => {
    const path = `/holdfast/connect/account?key=${new TestRoom().key}`;
    const [page, other] = [
      await TestSocket.open(path, { cookie: await newSession() }),
      await TestSocket.open(path, { cookie: await newSession() }),
    ];
    for (const [socket, id] of [[page, "c1"] as const, [other, "c2"] as const]) {
      socket.say({ type: "hello", protocol: 1, clients: [{ id, settled: 0 }] });
      await socket.take(1);
    }
    // Both have changed the state by when they throw.
    page.say(
      send(1, 5, "deposit"),
      send(2, undefined, "crash"),
      send(3, 7, "deposit"),
      send(4, undefined, "refuse"),
    );
    expect(await page.take(6)).toMatchObject([
      { type: "commit", version: 1 },
      { type: "ack", seq: 1, result: 5 },
      { type: "reject", seq: 2, error: { code: "ACTION_FAILED" } },
      { type: "commit", version: 2 },
      { type: "ack", seq: 3, result: 12 },
      { type: "reject", seq: 4, error: { code: "REFUSED" } },
    ]);
    expect(await other.take(2)).toMatchObject([{ version: 1 }, { version: 2 }]);
  });

  test("[G4] one row that storage refuses: all are undone, then tried one by one, and only it stays open", async () => {
    const room = new TestRoom();
    const [page, other] = [await room.join("c1"), await room.join("c2")];
    page.say(send(1, "first"));
    await page.take(2);
    await other.take(1);
    await room.refuseRows("new.commits LIKE '%poison%'");
    page.say(send(2, "good"), send(3, "poison"), send(4, "behind it"));
    expect(await page.take(3)).toMatchObject([
      { type: "commit", version: 2 },
      { type: "ack", seq: 2 },
      // What follows it is sent again with it: it may not overtake.
      { type: "busy", seq: 3 },
    ]);
    expect(await other.take(1)).toMatchObject([{ version: 2 }]);
    expect(await room.stored()).toEqual(["first", "good"]);
    await room.takeRows();
    page.say(send(3, "poison"), send(4, "behind it"));
    expect(await page.take(4)).toMatchObject([
      { version: 3 },
      { type: "ack", seq: 3, version: 3 },
      { version: 4 },
      { type: "ack", seq: 4, version: 4 },
    ]);
    expect(await room.stored()).toEqual(["first", "good", "poison", "behind it"]);
  });

  test("[G4] a batch that is refused as one, and not in parts, is done by parts", async () => {
    const room = new TestRoom();
    const page = await room.join("c1");
    page.say(send(1, "first"));
    await page.take(2);
    // Two commits in one row: as when a row has become too large for what is left of the disk.
    await room.refuseRows(`new.commits LIKE '%"type":"commit"%"type":"commit"%'`);
    page.say(send(2, "a"), send(3, "b"));
    expect(await page.take(4)).toMatchObject([
      { version: 2 },
      { type: "ack", seq: 2 },
      { version: 3 },
      { type: "ack", seq: 3 },
    ]);
    await room.takeRows();
    expect(await room.stored()).toEqual(["first", "a", "b"]);
  });

  test("[G1] [G4] storage that refuses everything: nothing happens, nobody else hears of it, and it may be tried again", async () => {
    const room = new TestRoom();
    const [page, other] = [await room.join("c1"), await room.join("c2")];
    page.say(send(1, "first"));
    await page.take(2);
    await other.take(1);
    await room.refuseRows("1");
    page.say(send(2, "a"), send(3, "b"));
    expect(await page.take(1)).toMatchObject([{ type: "busy", seq: 2 }]);
    // A refusal is stored like a result: neither is told without it.
    page.say(send(2, "a", "nothing of the sort"));
    expect(await page.take(1)).toMatchObject([{ type: "busy", seq: 2 }]);
    expect(await room.stored()).toEqual(["first"]);
    await room.takeRows();
    page.say(send(2, "a"), send(3, "b"));
    expect(await page.take(4)).toMatchObject([{ version: 2 }, {}, { version: 3 }, {}]);
    expect(await other.take(2)).toMatchObject([{ version: 2 }, { version: 3 }]);
    expect(await room.stored()).toEqual(["first", "a", "b"]);
  });
});
