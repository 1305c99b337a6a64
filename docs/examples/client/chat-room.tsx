import { createHooks } from "@holdfast/client/react";
import { type ReactElement, useState } from "react";
import type { App } from "../server/connection.ts";

const { useConnection, useEvent } = createHooks<App>();

export function ChatRoom(): ReactElement {
  const user = useConnection("user");
  const [lines, setLines] = useState<string[]>([]);
  useEvent(user, "message", ({ author, text }) =>
    setLines((before) => [...before, `${author}: ${text}`]),
  );
  return (
    <section>
      <h1>{user.restored ? `${user.state.name}, ${user.state.messageCount} messages` : "…"}</h1>
      {lines.map((line) => (
        <p key={line}>{line}</p>
      ))}
      <button onClick={() => void user.emit("message", { text: "Ahoy" })}>Ahoy</button>
    </section>
  );
}
