import { useEffect, useMemo, useRef, useSyncExternalStore } from "react";
import { useEvent } from "../holdfast.ts";
import { Logs } from "./logs.ts";
import { useUser } from "./use-user.ts";

/** What was said in the rooms that this page has been to, kept level while it is connected. */
export function useLogs(room: string): Logs {
  const user = useUser();
  const { emit, status, state } = user;
  const isLive = status === "live";
  const logs = useMemo(
    () =>
      new Logs((one, before) =>
        emit("history", { room: one, ...(before === undefined ? {} : { before }) }),
      ),
    [emit],
  );
  const wasLive = useRef(false);
  useEffect(() => {
    if (isLive && !wasLive.current) logs.catchUp();
    else if (isLive) void logs.of(room).catchUp();
    wasLive.current = isLive;
  }, [isLive, logs, room]);
  useEvent(user, "message", ({ room: where, message }) => logs.of(where).add(message));
  // Who hears that they have arrived is in the room, and may have missed what was said until then.
  useEvent(user, "arrived", ({ room: where, person }) => {
    if (person.id === state?.id) void logs.of(where).catchUp();
  });
  return logs;
}

/** How much was said in each room since its user last looked. */
export function useUnread(logs: Logs): ReadonlyMap<string, number> {
  const { state } = useUser();
  const lasts = useSyncExternalStore(logs.subscribe, logs.getLasts);
  const read = state?.read;
  return useMemo(
    () =>
      new Map(
        [...lasts].map(([room, last]) => [room, Math.max(0, last - (read?.get(room) ?? last))]),
      ),
    [lasts, read],
  );
}
