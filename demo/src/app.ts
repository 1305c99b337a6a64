import type { AppOf } from "@holdfast/server";
import { chat } from "./chat/chat.ts";
import { rooms } from "./chat/rooms.ts";
import { counter } from "./counter/counter.ts";
import { notes } from "./notes/notes.ts";
import { settings } from "./settings/settings.ts";
import { Slipway } from "./slipway/slipway-system.ts";
import { todos } from "./todos/todos.ts";

/** Every module of the demo; each is defined beside the page that shows it. */
export const modules = { counter, rooms, chat, slipway: Slipway, notes, todos, settings };
export type App = AppOf<typeof modules>;
