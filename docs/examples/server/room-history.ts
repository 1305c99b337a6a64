import { app, defineConnection, durableObjectStore, named } from "@holdfast/server";

interface Message {
  id: string;
  number: number;
  text: string;
}

interface Meta {
  userId: string;
  channels: string[];
}

interface ChatEvents {
  toServer: {
    message(data: { room: string; id: string; text: string }): Message;
    history(data: { room: string; before?: string }): readonly Message[];
  };
  toClient: { message: Message };
}

export const history = app
  .defineState({ last: 0 })
  .persist(durableObjectStore(named({ allow: () => false })))
  .onAction("add", ({ state, storage }, { id, text }: { id: string; text: string }) => {
    const known = storage.get<Message>(`id:${id}`);
    if (known) return known;
    const message = { id, text, number: ++state.last };
    storage.put({ [keyOf(message.number)]: message, [`id:${id}`]: message });
    return message;
  })
  .onAction("page", ({ storage }, before?: string): readonly Message[] => [
    ...storage
      .list<Message>({
        prefix: "message:",
        reverse: true,
        limit: 30,
        ...(before === undefined ? {} : { startAfter: before }),
      })
      .values(),
  ])
  .build();

const keyOf = (number: number): string => `message:${String(number).padStart(12, "0")}`;

interface History {
  add(message: { id: string; text: string }): Promise<Message>;
  page(before?: string): Promise<readonly Message[]>;
}

export const userWith = (historyOf: (env: unknown, room: string) => History) =>
  defineConnection<Meta, unknown, { messageCount: number }, ChatEvents>({
    name: "UserConnection",
    state: { messageCount: 0 },
    extractMeta: (_request, { user }) => ({ userId: user.id, channels: ["chat"] }),
  })
    .on("message", async (ctx, { room, id, text }) => {
      const message = await historyOf(ctx.env, room).add({ id, text });
      ctx.state.messageCount++;
      ctx.emit.toRoom(room).emit("message", message);
      return message;
    })
    .on("history", async (ctx, { room, before }) => historyOf(ctx.env, room).page(before));
