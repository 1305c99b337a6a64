import type { AppOf } from "@holdfast/server";
import { rooms } from "./chat/rooms.ts";
import { type Talk, talk } from "./chat/talk.ts";
import { defineUser } from "./chat/user.ts";
import { Pilot } from "./assistant/pilot-system.ts";
import { counter } from "./counter/counter.ts";
import { notes } from "./notes/notes.ts";
import { settings } from "./settings/settings.ts";
import { Slipway } from "./slipway/slipway-system.ts";
import { todos } from "./todos/todos.ts";

/** Every module of the demo; each is defined beside the page that shows it. */
export const modules = {
  counter,
  rooms,
  talk,
  slipway: Slipway,
  pilot: Pilot,
  notes,
  todos,
  settings,
};

/** Its connections. `talkOf` reaches the talk of a room: how, only the platform knows. */
export function connectionsWith(talkOf: (env: unknown, room: string) => Talk): {
  readonly user: ReturnType<typeof defineUser>;
} {
  return { user: defineUser(talkOf) };
}

export type App = AppOf<typeof modules, ReturnType<typeof connectionsWith>>;
