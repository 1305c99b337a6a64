import type { ReactElement } from "react";
import type { Message } from "./chat-actions.ts";
import { EmptyRoom } from "./empty-room.tsx";
import { MessageItem } from "./message-item.tsx";
import { useStickToEnd } from "./use-stick-to-end.ts";
import "./message-list.css";

/** Messages this close together, by one author, stand as one. */
const TOGETHER_MS = 3 * 60_000;

/** What was said, oldest first; undefined while nobody knows yet. */
export function MessageList(props: {
  room: string;
  messages: readonly Message[] | undefined;
  me: string;
  pending: number;
}): ReactElement {
  const { room, messages, me, pending } = props;
  const { scroller, isAway, toEnd } = useStickToEnd(messages?.at(-1)?.id);
  if (messages === undefined) return <Loading />;
  return (
    <div className="messages">
      <div
        className="messages__scroller"
        ref={scroller}
        tabIndex={0}
        aria-label={`Room ${room}`}
        role="region"
      >
        {messages.length === 0 && <EmptyRoom room={room} />}
        <ol className="messages__list" role="log" aria-label="Messages">
          {messages.map((message, at) => (
            <MessageItem
              key={message.id}
              message={message}
              mine={message.author.id === me}
              follows={follows(messages[at - 1], message)}
              newDay={!sameDay(messages[at - 1], message)}
              // What this page has sent and nobody acknowledged stands at the end.
              pending={at >= messages.length - pending}
            />
          ))}
        </ol>
      </div>
      {isAway && (
        <button className="messages__to-end" type="button" onClick={toEnd}>
          latest <span aria-hidden="true">↓</span>
        </button>
      )}
    </div>
  );
}

function Loading(): ReactElement {
  return (
    <div className="messages messages--loading" role="status">
      <span className="visually-hidden">Loading the room</span>
      <span className="messages__ghost" />
      <span className="messages__ghost" />
      <span className="messages__ghost" />
    </div>
  );
}

function follows(before: Message | undefined, message: Message): boolean {
  return (
    before !== undefined &&
    before.author.id === message.author.id &&
    before.author.name === message.author.name &&
    message.time - before.time < TOGETHER_MS &&
    sameDay(before, message)
  );
}

function sameDay(before: Message | undefined, message: Message): boolean {
  if (before === undefined) return false;
  return new Date(before.time).toDateString() === new Date(message.time).toDateString();
}
