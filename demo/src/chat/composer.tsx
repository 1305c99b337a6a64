import { type FormEvent, type KeyboardEvent, type ReactElement, useState } from "react";
import { LONGEST_TEXT } from "./chat-events.ts";
import { AuthorName } from "./author-name.tsx";
import "./composer.css";

/** The length from which the characters that are left are counted. */
const COUNT_FROM = LONGEST_TEXT - 80;

/** Where a message is written. Enter sends, Shift+Enter begins a line. */
export function Composer(props: {
  room: string;
  name: string;
  /** How many messages this user has ever sent. */
  count: number;
  disabled: boolean;
  onRename: (name: string) => void;
  onTyping: () => void;
  onSend: (text: string) => void;
}): ReactElement {
  const { room, name, count, disabled, onRename, onTyping, onSend } = props;
  const [text, setText] = useState("");
  const canSend = !disabled && text.trim() !== "";

  function send(event: FormEvent | KeyboardEvent): void {
    event.preventDefault();
    if (!canSend) return;
    onSend(text.trim());
    setText("");
  }

  return (
    <form className="composer" onSubmit={send}>
      <div className="composer__line">
        {/* The copy gives the field the height of its text. */}
        <div className="composer__field" data-copy={`${text} `}>
          <textarea
            rows={1}
            aria-label={`Message to ${room}`}
            placeholder={`Say something in ${room}`}
            maxLength={LONGEST_TEXT}
            value={text}
            onChange={(event) => {
              setText(event.target.value);
              if (event.target.value.trim() !== "") onTyping();
            }}
            onKeyDown={(event) => {
              const isPlainEnter = event.key === "Enter" && !event.shiftKey;
              if (isPlainEnter && !event.nativeEvent.isComposing) send(event);
            }}
          />
        </div>
        <button className="composer__send" type="submit" disabled={!canSend}>
          <span className="visually-hidden">Send</span>
          <svg viewBox="0 0 24 24" aria-hidden="true">
            <path d="M4 12h15M13 6l6 6-6 6" />
          </svg>
        </button>
      </div>
      <div className="composer__foot">
        <AuthorName name={name} disabled={disabled} onRename={onRename} />
        {text.length >= COUNT_FROM ? (
          <span className="composer__left">{LONGEST_TEXT - text.length} left</span>
        ) : (
          <span className="composer__left" data-count={count}>
            {count > 0 && (count === 1 ? "1 message sent" : `${count} messages sent`)}
          </span>
        )}
      </div>
    </form>
  );
}
