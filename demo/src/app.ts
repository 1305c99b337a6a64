import {
  app,
  type AppOf,
  durableObjectStore,
  global,
  HoldfastError,
  named,
} from "@holdfast/server";
import {
  type ChatState,
  type Draft,
  LONGEST_NAME,
  LONGEST_TEXT,
  post,
} from "./shared/chat-actions.ts";
import { type CounterState, increment, LARGEST_STEP } from "./shared/counter-actions.ts";
import { FIRST_ROOMS, isRoomName } from "./shared/room-name.ts";
import { Slipway } from "./slipway.ts";

const MOST_ROOMS = 24;

/** One count for everybody. */
const counter = app
  .defineState<CounterState>({ count: 0 })
  .persist(durableObjectStore(global()))
  .onAction("increment", ({ state }, by: number = 1) => {
    if (!Number.isInteger(by) || by < 1 || by > LARGEST_STEP) {
      throw new HoldfastError("REFUSED", `A step is a whole number from 1 to ${LARGEST_STEP}.`);
    }
    return increment(state, by);
  })
  .build();

/** The rooms that somebody opened, in that order. */
const rooms = app
  .defineState({ names: [...FIRST_ROOMS] })
  .persist(durableObjectStore(global()))
  .onAction("open", ({ state }, name: string) => {
    if (typeof name !== "string" || !isRoomName(name)) {
      throw new HoldfastError("REFUSED", "A room's name is made of letters and digits.");
    }
    if (state.names.includes(name)) return name;
    if (state.names.length >= MOST_ROOMS) {
      throw new HoldfastError(
        "REFUSED",
        `There are ${MOST_ROOMS} rooms already. Pick one of them.`,
      );
    }
    state.names.push(name);
    return name;
  })
  .build();

/** The messages of one room, an instance per name. */
const chat = app
  .defineState<ChatState>({ messages: [] })
  .persist(durableObjectStore(named({ allow: isRoomName })))
  .onAction("send", ({ state, randomId, now }, draft: Draft) => {
    post(state, checkedDraft(draft), randomId(), now);
  })
  .build();

export const modules = { counter, rooms, chat, slipway: Slipway };
export type App = AppOf<typeof modules>;

/** A payload is what some browser sent: its type is only what it claims. */
function checkedDraft(draft: Draft): Draft {
  const { author, text } = draft ?? {};
  const isText = (value: unknown, longest: number): boolean =>
    typeof value === "string" && value.trim() !== "" && value.length <= longest;
  if (!isText(text, LONGEST_TEXT)) {
    throw new HoldfastError("REFUSED", `A message has 1 to ${LONGEST_TEXT} characters.`);
  }
  if (!isText(author?.name, LONGEST_NAME) || !isText(author?.id, 64)) {
    throw new HoldfastError("REFUSED", `A name has 1 to ${LONGEST_NAME} characters.`);
  }
  return draft;
}
