import { app, durableObjectStore, emptyStream, named, type StreamValue } from "@holdfast/server";

declare function generate(prompt: string, options: { signal: AbortSignal }): AsyncIterable<string>;

interface Answer {
  prompt: string;
  reply: StreamValue;
}

export const answers = app
  .defineState({ byId: {} as Record<string, Answer> })
  .persist(durableObjectStore(named()))
  .onAction("ask", async ({ state, stream, randomId, commit }, prompt: string) => {
    const id = randomId();
    state.byId[id] = { prompt, reply: emptyStream() };
    await commit(); // the stream has to be there before it is written to
    const reply = stream(["byId", id, "reply"]);
    for await (const part of generate(prompt, { signal: reply.signal })) reply.append(part);
    return id;
  })
  .build();
