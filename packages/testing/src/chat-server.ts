import { type Connection, defineConnection } from "@holdfast/server";
import { serve } from "@holdfast/server/node";

interface Meta {
  userId: string;
}

interface UserState {
  said: number;
}

interface ChatEvents {
  toServer: { say: { room: string; text: string }; join: string };
  toClient: { said: string };
}

/** A user who says things in rooms: `node-process.test.ts` kills the process under it. */
export const connection: Connection<Meta, unknown, UserState, ChatEvents> = defineConnection<
  Meta,
  unknown,
  UserState,
  ChatEvents
>({
  name: "user",
  connectionBinding: "UserConnection",
  state: { said: 0 },
  extractMeta: (_request, { user }) => ({ userId: user.id }),
})
  .on("say", (ctx, { room, text }) => {
    ctx.state.said++;
    ctx.emit.toRoom(room).emit("said", text);
  })
  .on("join", (ctx, room) => ctx.rooms.join(room));

const [dataDir = "", port = "0"] = process.argv.slice(2);

serve({
  modules: {},
  connections: { user: connection },
  // Whoever says who he is.
  authenticate: (request) => {
    const [, id] = /^Bearer (.+)$/.exec(request.headers.get("Authorization") ?? "") ?? [];
    return id === undefined ? null : { id };
  },
  dataDir,
  port: Number(port),
}).then(
  (server) => console.log(`listening ${server.port}`),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
