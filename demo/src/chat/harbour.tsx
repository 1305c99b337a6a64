import type { ReactElement } from "react";
import { RoomBar } from "./room-bar.tsx";
import { Room } from "./room.tsx";
import { useRoom } from "./use-room.ts";
import "./harbour.css";

/** The chat: rooms, and the one that is open. */
export function Harbour(): ReactElement {
  const [room, enter] = useRoom();
  return (
    <section className="panel harbour" aria-label="Chat">
      <RoomBar room={room} onEnter={enter} />
      <Room key={room} room={room} />
    </section>
  );
}
