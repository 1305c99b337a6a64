import { app, durableObjectStore, HoldfastError, named } from "@holdfast/server";
import { type ChatState, type Draft, LONGEST_NAME, LONGEST_TEXT, post } from "./chat-actions.ts";
import { isRoomName } from "./room-name.ts";

/** The messages of one room, an instance per name. */
export const chat = app
  .defineState<ChatState>({ messages: [] })
  .persist(durableObjectStore(named({ allow: isRoomName })))
  .onAction("send", ({ state, randomId, now }, draft: Draft) => {
    post(state, checkedDraft(draft), randomId(), now);
  })
  .build();

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
