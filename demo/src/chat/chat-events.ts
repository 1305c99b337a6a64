/** What is said and heard in the chat: types and measures that the server and the page share. */

export const LONGEST_TEXT = 500;
export const LONGEST_NAME = 24;
/** So many messages come at once. They fit into one result, however long they are. */
export const PAGE_LENGTH = 30;
/** The colours of the chat; the first one is everybody's to begin with. */
export const THEMES = ["tide", "coral", "dusk"] as const;

export type Theme = (typeof THEMES)[number];

/** Somebody, as everybody may know them. The id is made by the server, and is nothing but an id. */
export interface Person {
  readonly id: string;
  readonly name: string;
}

export interface Message {
  /** Its place in the room, from 1, without gaps: who misses one notices it. */
  readonly number: number;
  /** Its own, whatever room it is in. */
  readonly id: string;
  readonly author: Person;
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/** A message that is on its way. */
export type Draft = Pick<Message, "id" | "text" | "time"> & { readonly room: string };

/** What a user has, in all of their tabs. */
export interface UserState {
  id: string;
  name: string;
  /** How many messages they have sent, ever. */
  messageCount: number;
  theme: Theme;
  /** Up to which number they have read each room. */
  read: Map<string, number>;
  /** Whether any of their tabs is there. */
  online: boolean;
  /**
   * Always empty on the server. The browser predicts that a message is here until it is acknowledged,
   * and so has it at the place where it can show it: over reloads, and in the tab that sends it on.
   */
  sending: Draft[];
}

export interface ChatEvents {
  toServer: {
    /** The page shows a room from now on, and has been to these. Resolves to who is there. */
    enter(data: { room: string; visited: readonly string[] }): readonly Person[];
    /** `id` is the page's: the same message sent twice is one. */
    message(data: { room: string; id: string; text: string }): Message;
    /** The newest messages, or those before one: the newest first. */
    history(data: { room: string; before?: number }): readonly Message[];
    typing: { room: string };
    read: { room: string; number: number };
    rename: string;
    theme: Theme;
  };
  toClient: {
    message: { room: string; message: Message };
    typing: { room: string; person: Person };
    arrived: { room: string; person: Person };
    left: { room: string; person: Person };
  };
}
