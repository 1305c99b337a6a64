import { app, durableObjectStore, emptyStream, named } from "@holdfast/server";

/** A text that comes a little at a time, as a model's answer does. */
export const talk = app
  .defineState({ reply: emptyStream() })
  .persist(durableObjectStore(named()))
  .onAction("tell", async ({ stream }, { tokens, perSecond, token }: Telling) => {
    const reply = stream("reply");
    reply.reset();
    const started = Date.now();
    for (let told = 0; told < tokens;) {
      // oxlint-disable-next-line no-await-in-loop -- As a model's answer comes: a little at a time.
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
      const due = Math.min(tokens, Math.floor(((Date.now() - started) * perSecond) / 1000));
      for (; told < due; told++) reply.append(token);
    }
  })
  .build();

/** How much is told, and how fast. */
interface Telling {
  readonly tokens: number;
  readonly perSecond: number;
  readonly token: string;
}

const TICK_MS = 5;
