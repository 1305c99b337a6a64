import { type FormEvent, type ReactElement, useState } from "react";
import { LONGEST_ROOM_NAME, roomNameOf } from "./room-name.ts";

/** A button that becomes a field. Opening waits for the server: it has the last word on names. */
export function NewRoom(props: { onOpen: (name: string) => Promise<boolean> }): ReactElement {
  const [typed, setTyped] = useState<string>();
  const [opening, setOpening] = useState(false);
  if (typed === undefined) {
    return (
      <button className="rooms__room rooms__room--new" type="button" onClick={() => setTyped("")}>
        <span aria-hidden="true">+ </span>new room
      </button>
    );
  }
  const name = roomNameOf(typed);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (name === "" || opening) return;
    setOpening(true);
    if (await props.onOpen(name)) setTyped(undefined);
    setOpening(false);
  }

  return (
    <form className="rooms__form" onSubmit={(event) => void submit(event)} aria-busy={opening}>
      <input
        className="rooms__input"
        aria-label="Name of the new room"
        placeholder="its name"
        maxLength={LONGEST_ROOM_NAME}
        autoFocus
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") setTyped(undefined);
        }}
      />
      <button className="rooms__open" type="submit" disabled={name === "" || opening}>
        {opening ? "opening…" : "open"}
      </button>
    </form>
  );
}
