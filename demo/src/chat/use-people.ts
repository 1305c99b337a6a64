import { useEffect, useState } from "react";
import { useEvent } from "../holdfast.ts";
import type { Person } from "./chat-events.ts";
import type { Logs } from "./logs.ts";
import { useUser } from "./use-user.ts";

/** Who does not say for some minutes that they are there is forgotten. */
const RENEW_MS = 4 * 60_000;

/** Enters a room, and says who is there. */
export function usePeople(room: string, logs: Logs): readonly Person[] {
  const user = useUser();
  const { emit, status, state } = user;
  const [people, setPeople] = useState<readonly Person[]>([]);
  const isLive = status === "live";
  const name = state?.name;

  useEffect(() => {
    if (!isLive || name === undefined) return;
    let isOver = false;
    function enter(): void {
      emit("enter", { room, visited: logs.rooms.filter((one) => one !== room) }).then(
        (present) => {
          if (!isOver) setPeople(present);
        },
        // Refused, or closed for good: the status says so.
        () => {},
      );
    }
    enter();
    const renewal = setInterval(enter, RENEW_MS);
    return () => {
      isOver = true;
      clearInterval(renewal);
    };
    // Under another name they enter anew, so that everybody learns of it.
  }, [emit, room, logs, isLive, name]);

  useEvent(user, "arrived", ({ room: where, person }) => {
    if (where === room) setPeople((before) => [...without(before, person), person]);
  });
  useEvent(user, "left", ({ room: where, person }) => {
    if (where === room) setPeople((before) => without(before, person));
  });
  return people;
}

function without(people: readonly Person[], { id }: Person): readonly Person[] {
  return people.filter((one) => one.id !== id);
}
