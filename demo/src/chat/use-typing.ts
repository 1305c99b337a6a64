import { useEffect, useRef, useState } from "react";
import { useEvent } from "../holdfast.ts";
import type { Person } from "./chat-events.ts";
import { useUser } from "./use-user.ts";

/** Whoever types says so this often, and is believed for longer. */
const SAY_MS = 2_000;
const BELIEVE_MS = 5_000;

/** Who types in a room just now, but for this user; and the way to say that this one does. */
export function useTyping(room: string): readonly [typists: readonly Person[], say: () => void] {
  const user = useUser();
  const { emit, state, status } = user;
  const [typists, setTypists] = useState<readonly Person[]>([]);
  const timers = useRef(new Map<string, ReturnType<typeof setTimeout>>());
  const saidAt = useRef(Number.NEGATIVE_INFINITY);

  function forget(id: string): void {
    clearTimeout(timers.current.get(id));
    timers.current.delete(id);
    setTypists((before) => before.filter((one) => one.id !== id));
  }

  useEvent(user, "typing", ({ room: where, person }) => {
    if (where !== room || person.id === state?.id) return;
    clearTimeout(timers.current.get(person.id));
    timers.current.set(
      person.id,
      setTimeout(() => forget(person.id), BELIEVE_MS),
    );
    setTypists((before) => [...before.filter(({ id }) => id !== person.id), person]);
  });
  useEvent(user, "message", ({ message }) => {
    // The next letter begins anew, for the others as well.
    if (message.author.id === state?.id) saidAt.current = Number.NEGATIVE_INFINITY;
    forget(message.author.id);
  });
  useEffect(() => {
    const pending = timers.current;
    return () => {
      for (const timer of pending.values()) clearTimeout(timer);
    };
  }, []);

  function say(): void {
    // Later nobody would want to know.
    if (status !== "live" || performance.now() - saidAt.current < SAY_MS) return;
    saidAt.current = performance.now();
    emit("typing", { room }).catch(() => {});
  }

  return [typists, say];
}
