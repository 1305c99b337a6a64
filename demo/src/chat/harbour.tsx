import type { ReactElement } from "react";
import { THEMES } from "./chat-events.ts";
import { RoomBar } from "./room-bar.tsx";
import { Room } from "./room.tsx";
import { useLogs, useUnread } from "./use-logs.ts";
import { useRoom } from "./use-room.ts";
import { useUser } from "./use-user.ts";
import "./harbour.css";
import "./themes.css";

/** The chat: rooms, and the one that is open, in the colours of whoever uses it. */
export function Harbour(): ReactElement {
  const [room, enter] = useRoom();
  const { state, restored } = useUser();
  const logs = useLogs(room);
  const unread = useUnread(logs);
  return (
    <section
      className="panel harbour"
      aria-label="Chat"
      data-theme={restored ? state.theme : THEMES[0]}
      data-online={restored && state.online}
    >
      <RoomBar room={room} unread={unread} onEnter={enter} />
      <Room key={room} room={room} logs={logs} />
    </section>
  );
}
