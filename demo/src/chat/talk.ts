import { app, durableObjectStore, named } from "@holdfast/server";
import { type Message, PAGE_LENGTH, type Person } from "./chat-events.ts";

/** Who has said nothing for so long is not there any more: their server may have died with them. */
const LEASE_MS = 10 * 60_000;

interface Guest {
  readonly person: Person;
  /** Milliseconds since 1970. */
  readonly until: number;
}

/** A talk as the users' connections reach it. */
export interface Talk {
  post(message: Pick<Message, "id" | "author" | "text">): Promise<Message>;
  page(before: number | undefined): Promise<readonly Message[]>;
  enter(guest: { page: string; person: Person }): Promise<readonly Person[]>;
  leave(page: string): Promise<boolean>;
}

/**
 * What was said in one room, and who is there: an instance per room. The history is in one place, and
 * this is it: it numbers the messages, so their order is everybody's. They are entries of its storage:
 * what a room has piled up is not held in memory. No browser connects to it; users' connections call.
 */
export const talk = app
  .defineState<{ last: number; guests: Map<string, Guest> }>({ last: 0, guests: new Map() })
  .persist(durableObjectStore(named({ allow: () => false })))
  // A caller that has not heard the answer calls again: the same id is the same message.
  .onAction("post", ({ state, storage, now }, message: Pick<Message, "id" | "author" | "text">) => {
    const known = storage.get<string>(`id:${message.id}`);
    if (known !== undefined) return storage.get<Message>(known) as Message;
    const stored: Message = { ...message, number: ++state.last, time: now };
    const key = keyOf(stored.number);
    storage.put({ [key]: stored, [`id:${message.id}`]: key });
    return stored;
  })
  .onAction("page", ({ storage }, before: number | undefined): readonly Message[] => [
    ...storage
      .list<Message>({
        prefix: MESSAGES,
        reverse: true,
        limit: PAGE_LENGTH,
        ...(before === undefined ? {} : { startAfter: keyOf(before) }),
      })
      .values(),
  ])
  .onAction("enter", ({ state, now }, { page, person }: { page: string; person: Person }) => {
    for (const [key, { until }] of state.guests) if (until < now) state.guests.delete(key);
    state.guests.set(page, { person, until: now + LEASE_MS });
    // A person is there once, in however many tabs.
    const people = new Map<string, Person>();
    for (const guest of state.guests.values()) people.set(guest.person.id, guest.person);
    return [...people.values()];
  })
  .onAction("leave", ({ state }, page: string) => {
    const gone = state.guests.get(page)?.person.id;
    if (gone === undefined) return false;
    state.guests.delete(page);
    // Whether the person is gone with the tab.
    return ![...state.guests.values()].some(({ person }) => person.id === gone);
  })
  .build();

const MESSAGES = "message:";

/** Keys sort as texts do. */
function keyOf(number: number): string {
  return `${MESSAGES}${String(number).padStart(12, "0")}`;
}
