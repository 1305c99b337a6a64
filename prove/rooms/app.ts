import { type AppOf, defineConnection, HoldfastError } from "@holdfast/server";

interface Meta {
  userId: string;
  channels: string[];
  name: string;
}

interface UserState {
  /** What was said, in order: `page#number room`. */
  said: string[];
  theme: string;
  visits: number;
}

interface Events {
  toServer: {
    say: { id: string; room: string };
    /** In two commits, if it comes so far. */
    sayTwice: { ids: [string, string]; room: string };
    /** Emits, and is undone. */
    refuse: { id: string; room: string };
    join: string;
    leave: string;
    rename: string;
    whoami(): string;
    wear: string;
  };
  toClient: { said: { id: string; room: string } };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Users who say things to rooms. */
const connection = defineConnection<Meta, unknown, UserState, Events>({
  name: "user",
  connectionBinding: "UserConnection",
  state: { said: [], theme: "", visits: 0 },
  persistedKeys: ["said", "theme"],
  extractMeta: (_request, { user }) => ({ userId: user.id, channels: [], name: "" }),
  onConnect: (ctx) => void ctx.state.visits++,
})
  .on("say", (ctx, { id, room }) => {
    ctx.state.said.push(`${id} ${room}`);
    ctx.emit.toRoom(room).emit("said", { id, room });
  })
  .on("sayTwice", async (ctx, { ids: [first, second], room }) => {
    ctx.state.said.push(`${first} ${room}`);
    ctx.emit.toRoom(room).emit("said", { id: first, room });
    await ctx.commit();
    await turn();
    ctx.state.said.push(`${second} ${room}`);
    ctx.emit.toRoom(room).emit("said", { id: second, room });
  })
  .on("refuse", (ctx, { id, room }) => {
    ctx.emit.toRoom(room).emit("said", { id, room });
    throw new HoldfastError("REFUSED", "planned");
  })
  .on("join", (ctx, room) => ctx.rooms.join(room))
  .on("leave", (ctx, room) => ctx.rooms.leave(room))
  .on("rename", (ctx, name) => ctx.setMeta({ name }))
  .on("whoami", (ctx) => ctx.meta.name)
  .on("wear", (ctx, theme) => void (ctx.state.theme = theme));

export const connections = { user: connection };
export type ChatApp = AppOf<Record<never, never>, typeof connections>;
