import { type Connection, defineConnection, HoldfastError } from "@holdfast/server";
import {
  type ChatEvents,
  LONGEST_NAME,
  LONGEST_TEXT,
  type Person,
  type Theme,
  THEMES,
  type UserState,
} from "./chat-events.ts";
import { inLine } from "./in-line.ts";
import { nameFrom } from "./name-from.ts";
import { isRoomName } from "./room-name.ts";
import type { Talk } from "./talk.ts";

interface Meta {
  userId: string;
  /** The room that the page shows. */
  room?: string;
}

/** Of one page: leaves a room's talk, and says so when the person is gone with it. */
interface Leaving {
  readonly connection: { readonly id: string };
  readonly env: unknown;
  readonly state: UserState;
  readonly emit: {
    toRoom(room: string): { emit(event: "left", data: ChatEvents["toClient"]["left"]): void };
  };
}

/**
 * The connection of whoever uses the chat: name, colours, counter and reading marks of a user, live in
 * all of their tabs; and by its rooms what others say. Nobody signs in, so a user is a browser session.
 *
 * @param talkOf the talk of a room; how it is reached is the platform's business
 */
export function defineUser(
  talkOf: (env: unknown, room: string) => Talk,
): Connection<Meta, unknown, UserState, ChatEvents> {
  async function leave({ connection, env, state, emit }: Leaving, room: string): Promise<void> {
    const person = personOf(state);
    if (await talkOf(env, room).leave(connection.id)) {
      emit.toRoom(room).emit("left", { room, person });
    }
  }

  return defineConnection<Meta, unknown, UserState, ChatEvents>({
    name: "UserConnection",
    state: {
      id: "",
      name: "",
      messageCount: 0,
      theme: THEMES[0],
      read: new Map(),
      online: false,
      sending: [],
    },
    persistedKeys: ["id", "name", "messageCount", "theme", "read"],
    extractMeta: (_request, { session }) => ({ userId: session.id }),
    onConnect({ state, randomId }) {
      state.online = true;
      if (state.id === "") Object.assign(state, { id: randomId(), name: nameFrom(randomId()) });
    },
    async onDisconnect(ctx) {
      if (ctx.meta.room !== undefined) await leave(ctx, ctx.meta.room);
    },
  })
    .on("enter", async (ctx, { room, visited }) => {
      for (const one of [room, ...visited]) checkRoom(one);
      const { room: before } = ctx.meta;
      if (before !== undefined && before !== room) await leave(ctx, before);
      const person = personOf(ctx.state);
      const people = await talkOf(ctx.env, room).enter({ page: ctx.connection.id, person });
      ctx.setMeta({ room });
      for (const one of [room, ...visited]) ctx.rooms.join(one);
      // The page hears of its own arrival, too: from then on it hears everything.
      ctx.emit.toRoom(room).emit("arrived", { room, person });
      return people;
    })
    .on("message", async (ctx, { room, id, text }) => {
      checkRoom(room);
      checkText(text, LONGEST_TEXT, "A message");
      checkText(id, 64, "The id of a message");
      const author = personOf(ctx.state);
      // First into the history: what is acknowledged is there. Sent again, it finds itself.
      const message = await inLine(ctx.meta.userId, () =>
        untilDecided(() =>
          talkOf(ctx.env, room).post({ id: `${author.id}/${id}`, author, text: text.trim() }),
        ),
      );
      ctx.state.messageCount++;
      ctx.state.read.set(room, message.number);
      ctx.emit.toRoom(room).emit("message", { room, message });
      return message;
    })
    .on("history", async (ctx, { room, before }) => {
      checkRoom(room);
      return talkOf(ctx.env, room).page(before);
    })
    .on("typing", (ctx, { room }) => {
      checkRoom(room);
      const person = personOf(ctx.state);
      ctx.emit.toRoom(room).except(ctx.connection.id).emit("typing", { room, person });
    })
    .on("read", ({ state }, { room, number }) => {
      checkRoom(room);
      if (number > (state.read.get(room) ?? 0)) state.read.set(room, number);
    })
    .on("rename", ({ state }, name) => {
      checkText(name, LONGEST_NAME, "A name");
      state.name = name.trim();
    })
    .on("theme", ({ state }, theme: Theme) => {
      if (!THEMES.includes(theme)) throw new HoldfastError("REFUSED", "There is no such theme.");
      state.theme = theme;
    });
}

function personOf({ id, name }: UserState): Person {
  return { id, name };
}

/** A payload is what some browser sent: its type is only what it claims. */
function checkRoom(room: string): void {
  if (typeof room === "string" && isRoomName(room)) return;
  throw new HoldfastError("REFUSED", "A room's name is made of letters and digits.");
}

function checkText(text: string, longest: number, what: string): void {
  if (typeof text === "string" && text.trim() !== "" && text.length <= longest) return;
  throw new HoldfastError("REFUSED", `${what} has 1 to ${longest} characters.`);
}

/** A call that may be made again, since it finds what it has done, is made until there is an answer. */
async function untilDecided<Result>(call: () => Promise<Result>): Promise<Result> {
  for (let pause = 50; ; pause *= 2) {
    try {
      return await call();
    } catch (error) {
      const { code } = error as HoldfastError;
      if ((code !== "BUSY" && code !== "OUTCOME_UNKNOWN") || pause > 2_000) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
