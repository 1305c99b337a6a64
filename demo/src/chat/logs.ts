import type { Message } from "./chat-events.ts";
import { keepMessages, keptMessages } from "./kept-messages.ts";
import { type LogView, RoomLog } from "./room-log.ts";

/** The rooms that this page has been to. */
export class Logs {
  readonly #load: (room: string, before?: number) => Promise<readonly Message[]>;
  readonly #logs = new Map<string, RoomLog>();
  readonly #listeners = new Set<() => void>();
  #lasts: ReadonlyMap<string, number> = new Map();

  constructor(load: (room: string, before?: number) => Promise<readonly Message[]>) {
    this.#load = load;
  }

  of(room: string): RoomLog {
    let log = this.#logs.get(room);
    if (!log) {
      log = new RoomLog({
        load: (before) => this.#load(room, before),
        kept: keptMessages(room),
        onChange: (view) => this.#changed(room, view),
      });
      this.#logs.set(room, log);
    }
    return log;
  }

  get rooms(): readonly string[] {
    return [...this.#logs.keys()];
  }

  catchUp(): void {
    for (const log of this.#logs.values()) void log.catchUp();
  }

  /** The number of the last message of each room. */
  readonly getLasts = (): ReadonlyMap<string, number> => this.#lasts;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #changed(room: string, { messages }: LogView): void {
    const last = messages.at(-1)?.number ?? 0;
    if (last !== this.#lasts.get(room)) {
      this.#lasts = new Map(this.#lasts).set(room, last);
      keepMessages(room, messages);
    }
    for (const listener of this.#listeners) listener();
  }
}
