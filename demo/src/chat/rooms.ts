import { app, durableObjectStore, global, HoldfastError } from "@holdfast/server";
import { FIRST_ROOMS, isRoomName } from "./room-name.ts";

const MOST_ROOMS = 24;

/** The rooms that somebody opened, in that order. */
export const rooms = app
  .defineState({ names: [...FIRST_ROOMS] })
  .persist(durableObjectStore(global()))
  .onAction("open", ({ state }, name: string) => {
    if (typeof name !== "string" || !isRoomName(name)) {
      throw new HoldfastError("REFUSED", "A room's name is made of letters and digits.");
    }
    if (state.names.includes(name)) return name;
    if (state.names.length >= MOST_ROOMS) {
      throw new HoldfastError(
        "REFUSED",
        `There are ${MOST_ROOMS} rooms already. Pick one of them.`,
      );
    }
    state.names.push(name);
    return name;
  })
  .build();
