import type { Client } from "@holdfast/client";
import {
  action,
  type AppOf,
  durableObjectStore,
  field,
  global,
  type StreamValue,
  stream,
  System,
} from "@holdfast/server";
import { expectTypeOf, test } from "vitest";

class Board extends System<unknown, { added: { title: string }; cleared: undefined }> {
  static readonly persist = durableObjectStore(global());
  @field cards = new Map<string, { title: string; due: Date | null }>();
  @field report = stream();
  protected readonly seen = new Set<string>();
  #calls = 0;

  @action() add(card: { title: string }): string {
    this.#calls++;
    this.context.emit("added", { title: card.title });
    this.context.emit("cleared");
    // @ts-expect-error no such event
    this.context.emit("removed", {});
    // @ts-expect-error data of another type
    this.context.emit("added", "a");
    this.cards.set(card.title, { title: card.title, due: null });
    return card.title;
  }

  @action() async size(): Promise<number> {
    return this.cards.size;
  }

  @action() find(title?: string): { title: string; due: Date | null } | undefined {
    return this.cards.get(title ?? "");
  }

  protected helper(): number {
    return this.#calls;
  }
}

class Room extends System {
  @field lines: string[] = [];
  @action() say(line: string): void {
    this.lines.push(line);
    // @ts-expect-error none is declared
    this.context.emit("said", line);
  }
}

type App = AppOf<{ board: typeof Board; room: typeof Room }>;

/** Never called: what an app may write, and, by `@ts-expect-error`, what it may not. */
export function pages(client: Client<App>): void {
  const board = client.module("board");
  const { actions } = board;
  expectTypeOf(actions.add({ title: "a" })).toEqualTypeOf<Promise<string>>();
  expectTypeOf(actions.size()).toEqualTypeOf<Promise<number>>();
  expectTypeOf(actions.find("a")).resolves.toExtend<{ readonly title: string } | undefined>();
  void actions.find();
  // @ts-expect-error a payload of another type
  void actions.add("a");
  // @ts-expect-error a payload that lacks a field
  void actions.add({});
  // @ts-expect-error it takes a payload
  void actions.add();
  // @ts-expect-error it takes none
  void actions.size(1);
  // @ts-expect-error what is protected is no action
  void actions.helper();
  // @ts-expect-error nor is what every system has
  void actions.onCreate();
  // @ts-expect-error no such action
  void actions.remove("a");
  // @ts-expect-error the result is a number
  void actions.size().then((size: string) => size);

  const { state } = board.getSnapshot();
  expectTypeOf(state?.cards.get("a")?.due).toExtend<Date | null | undefined>();
  expectTypeOf(state?.report).toExtend<StreamValue | undefined>();
  // @ts-expect-error what is protected is no state
  void state?.seen;
  // @ts-expect-error the context stays on the server
  void state?.context;
  // @ts-expect-error an action is no state
  void state?.add;
  // @ts-expect-error state is read-only
  state?.cards.clear();
  // @ts-expect-error types only
  void state?.["~events"];
  board.on("added", ({ title }) => void title.length);
  // @ts-expect-error no such event
  board.on("removed", () => {});
  void board.stream("report");
  // @ts-expect-error no stream
  void board.stream("cards");

  void client.module("room", "general").actions.say("hello");
  // @ts-expect-error a system is named(), unless `static persist` says otherwise
  void client.module("room");
  // @ts-expect-error this one is global()
  void client.module("board", "general");
}

test("a client sees a system's public fields and actions, with their types, and nothing else", () => {
  type Contract = App["modules"]["board"];
  expectTypeOf<keyof Contract["state"]>().toEqualTypeOf<"cards" | "report">();
  expectTypeOf<keyof Contract["actions"]>().toEqualTypeOf<"add" | "size" | "find">();
});
