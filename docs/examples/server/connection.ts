import { app, defineConnection, durableObjectStore, global, HoldfastError } from "@holdfast/server";
import type { AppOf } from "@holdfast/server";

interface Meta {
  userId: string;
  channels: string[];
}

interface UserState {
  name: string;
  messageCount: number;
  online: boolean;
}

interface Message {
  id: string;
  author: string;
  text: string;
}

interface ChatEvents {
  toServer: {
    message: { text: string };
    typing: { room: string };
    history(page: { before?: string }): [key: string, message: Message][];
  };
  toClient: { message: Message; typing: { who: string } };
}

const visits = app.defineState({ count: 0 }).persist(durableObjectStore(global())).build();

export const connection = defineConnection<Meta, Env, UserState, ChatEvents>({
  name: "UserConnection",
  state: { name: "Somebody", messageCount: 0, online: false },
  persistedKeys: ["name", "messageCount"],
  extractMeta: (_request, { user }) => ({ userId: user.id, channels: ["chat"] }),
  onConnect(ctx) {
    ctx.state.online = true;
  },
})
  .on("message", (ctx, { text }) => {
    if (text.trim() === "") throw new HoldfastError("REFUSED", "Write something first.");
    ctx.state.messageCount++;
    const message = { id: ctx.randomId(), author: ctx.state.name, text };
    ctx.actor.getStorage().put(`sent:${ctx.now}:${message.id}`, message);
    ctx.emit.toRoom("chat").emit("message", message);
  })
  .on("typing", (ctx, { room }) => {
    ctx.emit.toRoom(room).except(ctx.connection.id).emit("typing", { who: ctx.state.name });
  })
  .on("history", (ctx, { before }) => [
    ...ctx.actor.getStorage().list<Message>({
      prefix: "sent:",
      reverse: true,
      limit: 20,
      ...(before === undefined ? {} : { startAfter: before }),
    }),
  ]);

export const modules = { visits };
export const connections = { user: connection };
export type App = AppOf<typeof modules, typeof connections>;

interface Env {
  readonly MOTTO?: string;
}
