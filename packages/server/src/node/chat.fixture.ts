import { defineConnection } from "../index.ts";

interface Meta {
  userId: string;
  channels?: string[];
  name?: string;
}

interface UserState {
  said: number;
  online: boolean;
}

interface ChatEvents {
  toServer: {
    say(message: { room: string; text: string; except?: string }): number;
    tell: { user: string; text: string };
    join: string;
    leave: string;
    rename: string;
    whoami(): string;
  };
  toClient: { said: string };
}

/** A state for each user, and rooms. */
export const chat = defineConnection<Meta, unknown, UserState, ChatEvents>({
  name: "user",
  websocketPath: "/ws",
  connectionBinding: "UserConnection",
  state: { said: 0, online: false },
  persistedKeys: ["said"],
  extractMeta: (request, { user }) => {
    const asked = new URL(request.url).searchParams.get("key");
    return { userId: asked ?? user.id, channels: ["lounge"] };
  },
  onConnect: (ctx) => void (ctx.state.online = true),
})
  .on("say", (ctx, { room, text, except }) => {
    const to = ctx.emit.toRoom(room);
    (except === undefined ? to : to.except(except)).emit("said", text);
    return ++ctx.state.said;
  })
  .on("tell", (ctx, { user, text }) => ctx.emit.toUser(user).emit("said", text))
  .on("join", (ctx, room) => ctx.rooms.join(room))
  .on("leave", (ctx, room) => ctx.rooms.leave(room))
  .on("rename", (ctx, name) => ctx.setMeta({ name }))
  .on("whoami", (ctx) => `${ctx.meta.name}, ${ctx.meta.userId}`);

/** Another connection in the same rooms, whose users are called the same. */
export const guest = defineConnection<Meta, unknown, { heard: number }>({
  name: "guest",
  connectionBinding: "GuestConnection",
  state: { heard: 0 },
  extractMeta: (_request, { user }) => ({ userId: user.id, channels: ["lounge"] }),
});
