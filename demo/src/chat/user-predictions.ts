import type { Theme, UserState } from "./chat-events.ts";

/** What the browser shows of an event before the server has answered. */
export const userPredictions = {
  message: (
    state: UserState,
    { room, id, text }: { room: string; id: string; text: string },
    { now }: { now: number },
  ) => {
    state.messageCount++;
    state.sending.push({ room, id, text, time: now });
  },
  read: (state: UserState, { room, number }: { room: string; number: number }) => {
    state.read.set(room, Math.max(number, state.read.get(room) ?? 0));
  },
  rename: (state: UserState, name: string) => void (state.name = name),
  theme: (state: UserState, theme: Theme) => void (state.theme = theme),
};
