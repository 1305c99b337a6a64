import { useSyncExternalStore } from "react";
import { FIRST_ROOMS, roomNameOf } from "./room-name.ts";

/** The room that is open. It stands in the address, so that it can be shared and survives a reload. */
export function useRoom(): readonly [room: string, enter: (room: string) => void] {
  const room = useSyncExternalStore(subscribe, roomInAddress);
  return [room, enter];
}

function subscribe(changed: () => void): () => void {
  addEventListener("hashchange", changed);
  return () => removeEventListener("hashchange", changed);
}

function roomInAddress(): string {
  return roomNameOf(decoded(location.hash.slice(1))) || (FIRST_ROOMS[0] ?? "harbour");
}

/** Anybody may type anything into an address. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

function enter(room: string): void {
  location.hash = encodeURIComponent(room);
}
