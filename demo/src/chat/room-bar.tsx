import { type ReactElement, useEffect, useRef, useState } from "react";
import { usePersistedModule } from "../holdfast.ts";
import { FIRST_ROOMS } from "./room-name.ts";
import { NewRoom } from "./new-room.tsx";
import "./room-bar.css";

/** How far from the edge the open room stands where the list is longer than its place. */
const FROM_EDGE_PX = 40;

/** The rooms that there are, and the way to one that there is not yet. */
export function RoomBar(props: {
  room: string;
  /** How much was said in each room that this page has been to, and its user has not read. */
  unread: ReadonlyMap<string, number>;
  onEnter: (room: string) => void;
}): ReactElement {
  const { room, unread, onEnter } = props;
  const { state, restored, actions } = usePersistedModule("rooms");
  const [refusal, setRefusal] = useState("");
  const current = useRef<HTMLAnchorElement>(null);
  const known = restored ? state.names : FIRST_ROOMS;
  // A room may be reached by its address before anybody opened it; where this page has been stays.
  const shown = [...new Set([...known, ...unread.keys(), room])];

  useEffect(() => {
    const link = current.current;
    const list = link?.closest("ul");
    // Not scrollIntoView: that would move the page as well.
    if (link && list) list.scrollLeft = link.offsetLeft - list.offsetLeft - FROM_EDGE_PX;
  }, [room]);

  async function open(name: string): Promise<boolean> {
    setRefusal("");
    try {
      onEnter(await actions.open(name));
      return true;
    } catch (error) {
      setRefusal(error instanceof Error ? error.message : "The room could not be opened.");
      return false;
    }
  }

  return (
    <nav className="rooms" aria-label="Rooms">
      <ul className="rooms__list">
        {shown.map((name) => (
          <li key={name}>
            <a
              className="rooms__room"
              ref={name === room ? current : undefined}
              href={`#${encodeURIComponent(name)}`}
              aria-current={name === room ? "page" : undefined}
            >
              {name}
              {name !== room && <Unread count={unread.get(name) ?? 0} />}
            </a>
          </li>
        ))}
        <li>
          <NewRoom onOpen={open} />
        </li>
      </ul>
      {refusal !== "" && (
        <p className="refusal" role="alert">
          {refusal}
        </p>
      )}
    </nav>
  );
}

function Unread({ count }: { count: number }): ReactElement | null {
  if (count === 0) return null;
  return (
    <>
      {" "}
      <span className="rooms__unread">
        {count}
        <span className="visually-hidden"> new</span>
      </span>
    </>
  );
}
