import { applyPatches, type ServerMessage, type StreamValue, type Value } from "@holdfast/protocol";
import { abortAllDurableObjects, evictDurableObject } from "cloudflare:test";
import { exports } from "cloudflare:workers";
import { expect, test } from "vitest";
import { newSession, TestSocket } from "./worker.fixture.ts";

let keys = 0;

/** An instance of the class `Speaker` of packages/testing, and what the pages at it have in common. */
async function speaker(): Promise<{ key: string; cookie: string; object: DurableObjectStub }> {
  const key = `speaker-${Date.now()}-${keys++}`;
  const object = exports.ModuleObject.getByName(`speaker/${key}`);
  return { key, cookie: await newSession(), object };
}

type Place = Awaited<ReturnType<typeof speaker>>;

interface Known {
  readonly epoch: string;
  readonly version: number;
  readonly mark: string;
  readonly schema: string;
}

/** A page that reads the stream, and can send actions. */
class Page {
  readonly #socket: TestSocket;
  readonly #client: string;
  #seq = 0;
  #known: Known | undefined;
  #state: { reply: StreamValue } | undefined;
  #live: { id: string; from: number; text: string } | undefined;
  /** Where each live piece began. */
  readonly offsets: number[] = [];
  /** What commits have appended. */
  readonly told: string[] = [];
  readonly types: string[] = [];
  readonly answers: ServerMessage[] = [];

  /** @param before whose state it goes on from, as a page does whose link was lost */
  static async open({ key, cookie }: Place, client: string, before?: Page): Promise<Page> {
    const socket = await TestSocket.open(`/holdfast/connect/speaker?key=${key}`, { cookie });
    const page = new Page(socket, client);
    if (before) page.#goOnFrom(before);
    const clients = [{ id: client, settled: 0 }];
    socket.say({ type: "hello", protocol: 1, clients, ...page.#known });
    await page.until(() => page.types.length > 0);
    return page;
  }

  private constructor(socket: TestSocket, client: string) {
    this.#socket = socket;
    this.#client = client;
  }

  get reply(): StreamValue {
    if (!this.#state) throw new Error("No snapshot has come.");
    return this.#state.reply;
  }

  /** What is shown: what is durable, and the live text that goes on from it. */
  get shown(): string {
    const { id, status, text } = this.reply;
    const live = this.#live;
    if (live?.id !== id || status !== "streaming" || live.from > text.length) return text;
    return text + live.text.slice(text.length - live.from);
  }

  act(name: "speak" | "say", payload?: string): number {
    const seq = ++this.#seq;
    const message = { type: "action", client: this.#client, seq, settled: 0, name } as const;
    this.#socket.say(payload === undefined ? message : { ...message, payload });
    return seq;
  }

  /** The same sequence again, as after a lost link. */
  again(seq: number, name: "speak"): void {
    this.#socket.say({ type: "action", client: this.#client, seq, settled: 0, name });
  }

  /** Takes messages until that is so. At no time is anything shown twice or left out. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      // oxlint-disable-next-line no-await-in-loop -- One message after the other.
      for (const message of await this.#socket.take(1)) this.#take(message);
    }
  }

  close(): void {
    this.#socket.close();
  }

  #goOnFrom(before: Page): void {
    this.#seq = before.#seq;
    this.#known = before.#known;
    this.#state = before.#state;
  }

  #take(message: ServerMessage): void {
    this.types.push(message.type);
    switch (message.type) {
      case "snapshot": {
        const { epoch, version, mark, schema, state } = message;
        this.#known = { epoch, version, mark, schema };
        // What the module's state is.
        this.#state = state as unknown as { reply: StreamValue };
        break;
      }
      case "resume":
        for (const commit of message.commits) this.#take({ ...commit, type: "commit" });
        break;
      case "commit": {
        const { version, mark, patches } = message;
        if (this.#known) this.#known = { ...this.#known, version, mark };
        for (const patch of patches) if (patch.op === "append") this.told.push(patch.value);
        // As above.
        this.#state = applyPatches(this.#state as unknown as Value, patches) as never;
        break;
      }
      case "stream": {
        const { id, from, text } = message;
        this.offsets.push(from);
        const live = this.#live;
        const isNext = live?.id === id && live.from + live.text.length === from;
        this.#live = isNext ? { ...live, text: live.text + text } : { id, from, text };
        break;
      }
      default:
        this.answers.push(message);
    }
  }
}

const answerTo = (page: Page, seq: number): ServerMessage | undefined =>
  page.answers.find(
    (answer) => (answer.type === "ack" || answer.type === "reject") && answer.seq === seq,
  );

/** A stream under way, of which "one " is durable. */
async function underWay(): Promise<{ place: Place; writer: Page; reader: Page; seq: number }> {
  const place = await speaker();
  const writer = await Page.open(place, "writer");
  const reader = await Page.open(place, "reader");
  const seq = writer.act("speak");
  writer.act("say", "one ");
  await reader.until(() => reader.reply.text === "one ");
  return { place, writer, reader, seq };
}

test("[P97] a reader that connects again goes on at its offset, by patches alone, with nothing doubled or left out", async () => {
  const { place, writer, reader, seq } = await underWay();
  writer.act("say", "two ");
  await reader.until(() => reader.shown === "one two ");
  const had = reader.reply.text.length;
  reader.close();
  writer.act("say", "three ");
  const back = await Page.open(place, "reader", reader);
  expect(back.types[0]).toBe("resume");
  await back.until(() => back.shown === "one two three ");
  for (const offset of back.offsets) expect(offset).toBeGreaterThanOrEqual(had);
  writer.act("say", "end");
  await back.until(() => back.reply.status === "done");
  expect(back.reply.text).toBe("one two three ");
  await writer.until(() => answerTo(writer, seq)?.type === "ack");
  expect(answerTo(writer, seq)).toMatchObject({ type: "ack", result: 14 });
});

test("a text is stored as it grows: who comes meanwhile has it in the snapshot", async () => {
  const { place, writer, reader } = await underWay();
  writer.act("say", "two ");
  await reader.until(() => reader.reply.text === "one two ");
  const late = await Page.open(place, "late");
  expect(late.types).toEqual(["snapshot"]);
  expect(late.reply).toMatchObject({ status: "streaming", text: "one two " });
  writer.act("say", "end");
  await late.until(() => late.reply.status === "done");
});

test.each([
  ["end", { status: "done", text: "one two ", error: null }],
  ["fail", { status: "error", text: "one two ", error: "given up" }],
])("[G10] what it has ended with is there after an eviction (%s)", async (how, value) => {
  const { place, writer, reader } = await underWay();
  writer.act("say", "two ");
  writer.act("say", how);
  await reader.until(() => reader.reply.status === value.status);
  expect(reader.reply).toMatchObject(value);
  await evictDurableObject(place.object, { webSockets: "hibernate" });
  const late = await Page.open(place, "late");
  expect(late.reply).toMatchObject(value);
  // The sockets that slept go on, and so does the next text.
  writer.act("speak");
  writer.act("say", "anew");
  await reader.until(() => reader.shown === "anew");
});

test("[G9] [G10] [P97] one that was away when it ended, and until the object was evicted, is told the rest alone", async () => {
  const { place, writer, reader } = await underWay();
  reader.close();
  writer.act("say", "two ");
  writer.act("say", "end");
  await writer.until(() => writer.reply.status === "done");
  await evictDurableObject(place.object, { webSockets: "hibernate" });
  const back = await Page.open(place, "reader", reader);
  expect(back.types[0]).toBe("resume");
  expect(back.reply).toMatchObject({ status: "done", text: "one two " });
  expect(back.told.join("")).toBe("two ");
});

test("[P99] a restart in the middle cuts it back to what was stored; readers that come back are told by patches, and its action is not run again", async () => {
  const { place, writer, reader, seq } = await underWay();
  const { id } = reader.reply;
  await abortAllDurableObjects();
  const back = await Page.open(place, "reader", reader);
  expect(back.types[0]).toBe("resume");
  expect(back.reply).toEqual({ id, status: "error", text: "one ", error: "interrupted" });
  const again = await Page.open(place, "writer", writer);
  again.again(seq, "speak");
  await again.until(() => answerTo(again, seq) !== undefined);
  expect(answerTo(again, seq)).toMatchObject({ type: "reject", error: { code: "INTERRUPTED" } });
});
