import type { ServerMessage, StreamValue } from "@holdfast/protocol";
import { app } from "../../module/builder.ts";
import type { ModuleDefinition } from "../../module/definition.ts";
import { global } from "../../module/key-strategy.ts";
import { durableObjectStore } from "../../module/store.ts";
import { emptyStream, type Stream } from "../../module/stream.ts";
import { settled, type TestConnection, TestInstance } from "../host.fixture.ts";

/** An action under way, led by the test. */
export interface Writing {
  readonly reply: Stream;
  readonly commit: () => Promise<void>;
  readonly end: () => void;
  readonly fail: (error: Error) => void;
}

const under = new Map<string, Writing>();

/** The action of this name that is under way. */
export function writing(name: string): Writing {
  const found = under.get(name);
  if (!found) throw new Error(`"${name}" is not under way.`);
  return found;
}

interface Answer {
  question: string;
  reply: StreamValue;
}

/** A module whose actions write to streams as a test says. */
export const assistant: ModuleDefinition = app
  .defineState({
    reply: emptyStream(),
    note: emptyStream(),
    secret: emptyStream(),
    answers: [] as Answer[],
    log: [] as string[],
  })
  .persist(durableObjectStore(global()))
  .view(({ session }) => ({ hide: session.id === "owner" ? [] : ["secret"] }))
  .onAction(
    "write",
    { timeout: 30_000 },
    async ({ stream, state, commit }, { name, path }: { name: string; path: string[] }) => {
      state.log.push(name);
      await new Promise<void>((resolve, reject) => {
        under.set(name, { reply: stream(path), commit, end: resolve, fail: reject });
      });
    },
  )
  .onAction("cancel", ({ stream }) => stream("reply").fail("cancelled"))
  .onAction("refuseCancel", ({ stream }) => {
    stream("reply").fail("cancelled");
    throw new Error("not today");
  })
  .onAction("cancelSlowly", async ({ stream }) => {
    await Promise.resolve();
    stream("reply").fail("cancelled slowly");
  })
  .onAction("put", ({ stream }, text: string) => {
    const note = stream("note");
    note.append(text);
    note.append("!");
    if (text === "throw") throw new Error("no");
    if (text === "end") note.complete();
    return [note.text, note.status];
  })
  .onAction("ask", ({ state }, question: string) => {
    state.answers.unshift({ question, reply: emptyStream() });
  })
  .onAction("answerUnpublished", async ({ state, stream, commit }, published: boolean) => {
    state.answers.push({ question: "?", reply: emptyStream() });
    if (published) await commit();
    stream(["answers", state.answers.length - 1, "reply"]).append("yes");
  })
  .onAction("each", async ({ state, stream }) => {
    // The raw list is being gone through while the stream looks at what is committed.
    state.log.push("a", "b", "c");
    const reply = stream("reply");
    state.log.forEach((word) => reply.append(word));
    return state.log.length;
  })
  .onAction("overwrite", ({ state }) => {
    // What types forbid.
    (state.reply as { text: string }).text = "mine";
  })
  .onAction("clear", ({ state }) => {
    state.reply = emptyStream();
  })
  .onAction("anew", async ({ stream }, name: string) => {
    const reply = stream("reply");
    reply.reset();
    await new Promise<void>((resolve, reject) => {
      under.set(name, { reply, commit: () => Promise.resolve(), end: resolve, fail: reject });
    });
  })
  .onAction("background", async ({ stream }) => {
    const reply = stream("reply");
    reply.append("a");
    under.set("background", {
      reply,
      commit: () => Promise.resolve(),
      end: () => {},
      fail: () => {},
    });
  })
  .build();

/** What a reader would show of a stream, from the messages that it was sent. */
export function texts(messages: readonly ServerMessage[]): string[] {
  return messages.flatMap((message) =>
    message.type === "stream" ? [`${message.from}:${message.text}`] : [],
  );
}

let sequence = 0;

/** An action of a client of its own, so that nothing waits for anything. */
export function call(
  instance: TestInstance,
  page: TestConnection,
  name: string,
  payload?: unknown,
): number {
  const seq = ++sequence;
  instance.say(page, {
    type: "action",
    client: clientOf(page),
    seq: next(page),
    settled: 0,
    name,
    // The test's own, which it knows to be values.
    ...(payload === undefined ? {} : { payload: payload as never }),
  });
  return seq;
}

const sequences = new WeakMap<TestConnection, number>();

function next(page: TestConnection): number {
  const seq = (sequences.get(page) ?? 0) + 1;
  sequences.set(page, seq);
  return seq;
}

function clientOf(page: TestConnection): string {
  return page.meta.clients?.[0] ?? "none";
}

/** An instance, and a page that sees all of it. */
export function begin(options: ConstructorParameters<typeof TestInstance>[1] = {}) {
  const instance = new TestInstance(assistant, options);
  const page = instance.join("owner", "c1");
  page.take();
  return { instance, page };
}

/** The stream `reply` as somebody sees it who comes now. */
export function stored(instance: TestInstance, key = "reply"): StreamValue {
  const reader = instance.join("owner");
  const [snapshot] = reader.take();
  instance.host.disconnect(reader);
  if (snapshot?.type !== "snapshot") throw new Error("A newcomer is given a snapshot.");
  // What stands there is for the test to know.
  return (snapshot.state as Record<string, unknown>)[key] as StreamValue;
}

/** An action that writes to a stream, under way. */
export async function write(name: string, path: readonly unknown[] = ["reply"]) {
  const parts = begin();
  call(parts.instance, parts.page, "write", { name, path });
  await settled();
  return { ...parts, ...writing(name) };
}
