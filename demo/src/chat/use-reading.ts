import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import { useUser } from "./use-user.ts";

/** A reader who stays for so long has read it. */
const READ_MS = 400;

/**
 * How far this user has read a room is kept on the server, so that all of their tabs know it.
 *
 * @param last the number of the last message
 * @returns the number of the last one that was read when this tab came to look. It stays where it is
 * while they read; who has never been to the room is shown no news.
 */
export function useReading(room: string, last: number, isAtEnd: boolean): number {
  const { emit, state, status } = useUser();
  const isVisible = useSyncExternalStore(subscribeToVisibility, isPageVisible);
  const mark = state?.read.get(room) ?? (state && 0);
  const [seen, setSeen] = useState<number>();
  if (seen === undefined && mark !== undefined) setSeen(mark === 0 ? Number.MAX_VALUE : mark);
  // Whoever goes has read what is there.
  const [wasVisible, setWasVisible] = useState(isVisible);
  if (wasVisible !== isVisible) {
    setWasVisible(isVisible);
    if (!isVisible) setSeen(last);
  }

  const isNew = status === "live" && mark !== undefined && last > mark;
  const due = useRef<number>(undefined);
  useEffect(() => {
    due.current = isNew && isAtEnd && isVisible ? last : undefined;
    if (due.current === undefined) return;
    const timer = setTimeout(() => {
      due.current = undefined;
      emit("read", { room, number: last }).catch(() => {});
    }, READ_MS);
    return () => clearTimeout(timer);
  }, [emit, room, last, isNew, isAtEnd, isVisible]);
  // Who leaves for another room has seen what they leave.
  useEffect(
    () => () => {
      if (due.current !== undefined) emit("read", { room, number: due.current }).catch(() => {});
    },
    [emit, room],
  );

  return seen ?? Number.MAX_VALUE;
}

function subscribeToVisibility(changed: () => void): () => void {
  document.addEventListener("visibilitychange", changed);
  return () => document.removeEventListener("visibilitychange", changed);
}

function isPageVisible(): boolean {
  return document.visibilityState === "visible";
}
