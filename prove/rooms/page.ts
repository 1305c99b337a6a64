import { type ConnectionOf, createClient, type StateOf } from "@holdfast/client";
import type { TestPage } from "@holdfast/server/testing";
import type { ChatApp } from "./app.ts";

/** One thing that was said, and whether the one who said it knows it to be done. */
export interface Wish {
  readonly id: string;
  readonly room: string;
  outcome: "open" | "done" | "refused" | "cut short";
}

/** A page of a user, with what it was told and what it hears. */
export class ChatPage {
  readonly name: string;
  readonly user: string;
  /** By what the room has confirmed. */
  readonly rooms = new Set<string>();
  readonly wishes: Wish[] = [];
  readonly heard: { readonly id: string; readonly room: string }[] = [];
  /** What `setMeta` was confirmed with last, on this link. */
  meta = "";
  readonly #tab: TestPage;
  readonly #client;
  readonly #handle;
  #said = 0;

  constructor(name: string, user: string, tab: TestPage) {
    this.name = name;
    this.user = user;
    this.#tab = tab;
    this.#client = createClient<ChatApp>({ ...tab.options, onRejected: () => undefined });
    this.#handle = this.#client.connection("user");
    this.#handle.on("said", (what) => void this.heard.push(what));
  }

  get isLive(): boolean {
    return this.#handle.getSnapshot().status === "live";
  }

  get state(): StateOf<ConnectionOf<ChatApp, "user">> | undefined {
    return this.#handle.getSnapshot().state;
  }

  say(room: string): void {
    const wish = this.#wish(room);
    this.#follow([wish], this.#handle.emit("say", { id: wish.id, room }));
  }

  sayTwice(room: string): void {
    const wishes = [this.#wish(room), this.#wish(room)] as const;
    const ids: [string, string] = [wishes[0].id, wishes[1].id];
    this.#follow(wishes, this.#handle.emit("sayTwice", { ids, room }));
  }

  refuse(room: string): void {
    const wish = this.#wish(room);
    this.#follow([wish], this.#handle.emit("refuse", { id: wish.id, room }));
  }

  async join(room: string): Promise<void> {
    await this.#handle.emit("join", room);
    this.rooms.add(room);
  }

  async leave(room: string): Promise<void> {
    await this.#handle.emit("leave", room);
    this.rooms.delete(room);
  }

  async rename(name: string): Promise<void> {
    await this.#handle.emit("rename", name);
    this.meta = name;
  }

  whoami(): Promise<string> {
    return this.#handle.emit("whoami");
  }

  wear(theme: string): Promise<unknown> {
    return this.#handle.emit("wear", theme);
  }

  cut(): void {
    this.#tab.cut();
  }

  close(): void {
    this.#client.close();
    this.#tab.close();
  }

  #wish(room: string): Wish {
    const wish: Wish = { id: `${this.name}#${++this.#said}`, room, outcome: "open" };
    this.wishes.push(wish);
    return wish;
  }

  #follow(wishes: readonly Wish[], emitted: Promise<unknown>): void {
    const end = (outcome: Wish["outcome"]): void => {
      for (const wish of wishes) wish.outcome = outcome;
    };
    emitted.then(
      () => end("done"),
      (error: { code?: string }) => end(error.code === "REFUSED" ? "refused" : "cut short"),
    );
  }
}
