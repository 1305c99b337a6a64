import { type ReactElement, useState } from "react";
import { usePersistedModule } from "../holdfast.ts";
import { type ChatState, type Draft, post } from "./chat-actions.ts";
import { Composer } from "./composer.tsx";
import { MessageList } from "./message-list.tsx";
import { useAuthor } from "./use-author.ts";
import "./room.css";

const optimistic = {
  send: (
    state: ChatState,
    draft: Draft,
    { randomId, now }: { randomId: () => string; now: number },
  ) => post(state, draft, randomId(), now),
};

/** One room: what was said, and the place to say more. */
export function Room({ room }: { room: string }): ReactElement {
  const { state, restored, actions, pending, status } = usePersistedModule("chat", {
    key: room,
    optimistic,
  });
  const [author, rename] = useAuthor();
  const [refusal, setRefusal] = useState("");

  function send(text: string): void {
    setRefusal("");
    actions.send({ author, text }).catch((error: unknown) => {
      setRefusal(error instanceof Error ? error.message : "The message was not taken.");
    });
  }

  return (
    <div className="room">
      <MessageList
        room={room}
        messages={restored ? state.messages : undefined}
        me={author.id}
        pending={pending}
      />
      {(status === "offline" || status === "reconnecting") && (
        <p className="room__adrift" role="status">
          {pending === 0
            ? "No connection just now. Keep writing: it will be sent."
            : `No connection just now. ${pending} of yours ${pending === 1 ? "waits" : "wait"}, and will be sent once.`}
        </p>
      )}
      {refusal !== "" && (
        <p className="refusal" role="alert">
          {refusal}
        </p>
      )}
      <Composer room={room} author={author} onRename={rename} onSend={send} disabled={!restored} />
    </div>
  );
}
