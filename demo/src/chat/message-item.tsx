import type { CSSProperties, ReactElement } from "react";
import type { Message } from "./chat-events.ts";
import { hueOf } from "./hue-of.ts";
import "./message-item.css";

const TIME = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });

/** One message, with the day above it where a new one begins. */
export function MessageItem(props: {
  message: Message;
  mine: boolean;
  /** It goes on with what the same author just said. */
  follows: boolean;
  newDay: boolean;
  /** Not stored yet. */
  pending: boolean;
}): ReactElement {
  const { message, mine, follows, newDay, pending } = props;
  const { author, text, time } = message;
  return (
    <>
      {newDay && (
        <li className="day">
          <span>{DAY.format(time)}</span>
        </li>
      )}
      <li
        className="message"
        data-mine={mine}
        data-follows={follows}
        data-pending={pending}
        style={{ "--hue": hueOf(author.id) } as CSSProperties}
      >
        {!follows && !mine && (
          <span className="message__author">
            <span className="message__mark" aria-hidden="true">
              {Array.from(author.name)[0]}
            </span>
            {author.name}
          </span>
        )}
        <div className="message__bubble">
          {mine && <span className="visually-hidden">You: </span>}
          <p className="message__text">{text}</p>
          <span className="message__foot">
            <time dateTime={new Date(time).toISOString()}>{TIME.format(time)}</time>
            {mine && (
              <span className="message__stored" title={pending ? "On the way" : "Stored"}>
                <span className="visually-hidden">{pending ? "On the way" : "Stored"}</span>
              </span>
            )}
          </span>
        </div>
      </li>
    </>
  );
}
