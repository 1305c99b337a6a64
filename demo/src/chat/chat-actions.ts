/** A room remembers its latest messages. */
export const HISTORY = 200;
export const LONGEST_TEXT = 500;
export const LONGEST_NAME = 24;

/** Who wrote it. The id is a public one, made by the page: it only tells whose side to stand on. */
export interface Author {
  readonly id: string;
  readonly name: string;
}

export interface Draft {
  readonly author: Author;
  readonly text: string;
}

export interface Message extends Draft {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly time: number;
}

export interface ChatState {
  messages: Message[];
}

/** The server runs it on the real state, the browser on its prediction, with the same id. */
export function post(state: ChatState, draft: Draft, id: string, time: number): void {
  const { author, text } = draft;
  state.messages.push({ id, time, text, author: { id: author.id, name: author.name } });
  if (state.messages.length > HISTORY) {
    state.messages.splice(0, state.messages.length - HISTORY);
  }
}
