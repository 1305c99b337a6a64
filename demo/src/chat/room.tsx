import type { HoldfastError } from "@holdfast/client";
import { type ReactElement, useState, useSyncExternalStore } from "react";
import { wordsFor } from "../shell/words-for.ts";
import { Composer } from "./composer.tsx";
import type { Logs } from "./logs.ts";
import { MessageList } from "./message-list.tsx";
import { PeopleBar } from "./people-bar.tsx";
import { TypingLine } from "./typing-line.tsx";
import { usePeople } from "./use-people.ts";
import { useTyping } from "./use-typing.ts";
import { useUser } from "./use-user.ts";
import "./room.css";

/** One room: what was said, who is there, and the place to say more. */
export function Room({ room, logs }: { room: string; logs: Logs }): ReactElement {
  const { state, restored, emit, status } = useUser();
  const log = logs.of(room);
  const view = useSyncExternalStore(logs.subscribe, () => log.view);
  const people = usePeople(room, logs);
  const [typists, sayTyping] = useTyping(room);
  const [refusal, setRefusal] = useState("");
  const sending = restored ? state.sending : [];

  function ask(answer: Promise<unknown>): void {
    setRefusal("");
    answer.catch((error: HoldfastError) => setRefusal(wordsFor(error)));
  }

  return (
    <div className="room">
      <PeopleBar
        people={people}
        me={state?.id}
        theme={state?.theme}
        onTheme={(theme) => ask(emit("theme", theme))}
      />
      <MessageList
        room={room}
        view={view}
        me={restored ? { id: state.id, name: state.name } : undefined}
        sending={sending.filter((one) => one.room === room)}
        onEarlier={() => void log.loadEarlier()}
      />
      <TypingLine typists={typists} />
      {(status === "offline" || status === "reconnecting") && (
        <p className="room__adrift" role="status">
          {sending.length === 0
            ? "No connection just now. Keep writing: it will be sent."
            : `No connection just now. ${sending.length} of yours ${sending.length === 1 ? "waits" : "wait"}, and will be sent once.`}
        </p>
      )}
      {refusal !== "" && (
        <p className="refusal" role="alert">
          {refusal}
        </p>
      )}
      <Composer
        room={room}
        name={state?.name ?? ""}
        count={state?.messageCount ?? 0}
        disabled={!restored}
        onRename={(name) => ask(emit("rename", name))}
        onTyping={sayTyping}
        onSend={(text) => {
          const message = emit("message", { room, id: crypto.randomUUID(), text });
          // Shown as stored in the same moment in which it ceases to be on its way.
          ask(message.then((stored) => log.add(stored)));
        }}
      />
    </div>
  );
}
