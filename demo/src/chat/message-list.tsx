import { Fragment, type ReactElement } from "react";
import type { Draft, Message, Person } from "./chat-events.ts";
import { EmptyRoom } from "./empty-room.tsx";
import { MessageItem } from "./message-item.tsx";
import type { LogView } from "./room-log.ts";
import { useReading } from "./use-reading.ts";
import { useStickToEnd } from "./use-stick-to-end.ts";
import "./message-list.css";

/** Messages this close together, by one author, stand as one. */
const TOGETHER_MS = 3 * 60_000;

/** What was said, oldest first, and behind it what this user has on its way. */
export function MessageList(props: {
  room: string;
  view: LogView;
  me: Person | undefined;
  sending: readonly Draft[];
  onEarlier: () => void;
}): ReactElement {
  const { room, view, me, sending, onEarlier } = props;
  const { messages, isKnown, isLoading } = view;
  const shown = me ? [...messages, ...sending.map((draft) => asMessage(draft, me))] : messages;
  const { scroller, isAway, toEnd } = useStickToEnd(shown.at(0)?.id, shown.at(-1)?.id);
  const last = messages.at(-1)?.number ?? 0;
  const read = useReading(room, last, !isAway);
  const firstNew = messages.find(({ number, author }) => number > read && author.id !== me?.id);
  if (!isKnown && shown.length === 0) return <Loading />;
  return (
    <div className="messages">
      <div
        className="messages__scroller"
        ref={scroller}
        tabIndex={0}
        aria-label={`Room ${room}`}
        role="region"
      >
        {shown.length === 0 && <EmptyRoom room={room} />}
        {(messages[0]?.number ?? 1) > 1 && (
          <button
            className="messages__earlier"
            type="button"
            aria-busy={isLoading}
            onClick={onEarlier}
          >
            {isLoading ? "fetching…" : "load earlier"}
          </button>
        )}
        <ol className="messages__list" role="log" aria-label="Messages">
          {shown.map((message, at) => (
            <Fragment key={message.id}>
              {message === firstNew && (
                <li className="messages__new">
                  <span>new</span>
                </li>
              )}
              <MessageItem
                message={message}
                mine={message.author.id === me?.id}
                follows={message !== firstNew && follows(shown[at - 1], message)}
                newDay={!sameDay(shown[at - 1], message)}
                pending={at >= messages.length}
              />
            </Fragment>
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

/** With the id that it is going to have, so that it stays the same element. */
function asMessage({ id, text, time }: Draft, author: Person): Message {
  return { id: `${author.id}/${id}`, author, text, time, number: Number.MAX_SAFE_INTEGER };
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
