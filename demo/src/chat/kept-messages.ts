import { type Message, PAGE_LENGTH } from "./chat-events.ts";

const PREFIX = "holdfast-demo:talk:";

/** What this browser has kept of a room, to be shown before the server has answered. */
export function keptMessages(room: string): readonly Message[] | undefined {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + room) ?? "") as readonly Message[];
  } catch {
    // Nothing, or blocked or spoilt storage: it comes from the server.
    return undefined;
  }
}

export function keepMessages(room: string, messages: readonly Message[]): void {
  try {
    localStorage.setItem(PREFIX + room, JSON.stringify(messages.slice(-PAGE_LENGTH)));
  } catch {
    // Without storage the room is empty until the server has answered.
  }
}
