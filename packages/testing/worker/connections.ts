import { defineConnection, HoldfastError } from "@holdfast/server";

interface Meta {
  userId: string;
  channels?: string[];
  name?: string;
}

interface Events {
  toServer: {
    say: { room: string; text: string };
    tell: { user: string; text: string };
    rename: string;
    whoami(): string;
    join: string;
    keep: { key: string; value: string; outcome: "fine" | "throw" };
    keepLater: { key: string; value: string; outcome: "fine" | "throw" };
    transact: { keys: string[]; outcome: "fine" | "throw" | "commit" };
    kept(prefix: string): string[];
  };
  toClient: { said: string };
}

/** One state for each user, with rooms and storage. */
export const connection = defineConnection<Meta, unknown, { said: number }, Events>({
  name: "user",
  websocketPath: "/ws",
  connectionBinding: "UserConnection",
  state: { said: 0 },
  extractMeta: (request, { user }) => {
    const asked = new URL(request.url).searchParams.get("key");
    return { userId: asked ?? user.id, channels: ["lounge"] };
  },
})
  .on("say", (ctx, { room, text }) => {
    ctx.state.said++;
    ctx.emit.toRoom(room).emit("said", text);
  })
  .on("tell", (ctx, { user, text }) => ctx.emit.toUser(user).emit("said", text))
  .on("rename", (ctx, name) => ctx.setMeta({ name }))
  .on("whoami", (ctx) => `${ctx.meta.name}, ${ctx.meta.userId}`)
  .on("join", (ctx, room) => ctx.rooms.join(room))
  .on("keep", (ctx, { key, value, outcome }) => {
    ctx.actor.getStorage().put(key, value);
    if (outcome === "throw") throw new HoldfastError("REFUSED", "Not today.");
  })
  .on("keepLater", async (ctx, { key, value, outcome }) => {
    await Promise.resolve();
    ctx.actor.getStorage().put(key, value);
    if (outcome === "throw") throw new HoldfastError("REFUSED", "Not today.");
  })
  .on("transact", async (ctx, { keys, outcome }) => {
    ctx.state.said++;
    await ctx.actor.getStorage().transaction(async (storage) => {
      for (const key of keys) {
        storage.put(key, "transacted");
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      if (outcome === "throw") throw new HoldfastError("REFUSED", "Not today.");
      if (outcome === "commit") await ctx.commit();
    });
  })
  .on("kept", (ctx, prefix) => [...ctx.actor.getStorage().list({ prefix }).keys()]);

/** Of a Worker that authenticates nobody. */
export const openConnection = defineConnection<Meta, unknown, { notes: string[] }>({
  name: "open",
  websocketPath: "/open-ws",
  connectionBinding: "OpenConnection",
  state: { notes: [] },
  extractMeta: (request) => ({
    userId: new URL(request.url).searchParams.get("key") ?? "nobody",
    channels: ["plaza"],
  }),
})
  .on<string>("note", (ctx, text) => void ctx.state.notes.push(text))
  .on<string>("tell", (ctx, user) => ctx.emit.toUser(user).emit("said", "hello"));

/** Its meta is larger than may be. */
export const brokenMeta = defineConnection<Meta & { pad: string }>({
  name: "broken",
  connectionBinding: "BrokenConnection",
  state: {},
  extractMeta: (request, { user }) => {
    const size = Number(new URL(request.url).searchParams.get("key"));
    return { userId: user.id, pad: "ü".repeat(size) };
  },
});
