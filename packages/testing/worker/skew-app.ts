import * as server from "@holdfast/server";

const { app, durableObjectStore, HoldfastError, named } = server;

/** What builds of every age are asked for; what an older one does not know is left out. */
export interface SkewBoard {
  count: number;
  items: { id: number; marks: string[] }[];
  kinds: { when: Date; index: Map<string | number, bigint>; members: Set<string>; odd: unknown[] };
  /** What this build can do beyond the first. */
  features: string[];
  /** A stream, where there are streams. */
  reply: unknown;
}

/** Beyond the first build. `in`, as an older package has no such export, and an older builder no such step. */
const FEATURES = {
  streams: "emptyStream" in server,
  presence: "presence" in app.defineState({}),
};

const base = app
  .defineState<SkewBoard>({
    count: 0,
    items: [],
    kinds: {
      when: new Date(0),
      index: new Map<string | number, bigint>([
        [1, 2n ** 70n],
        ["1", -1n],
      ]),
      members: new Set(["a", "b"]),
      odd: [undefined, Number.NaN, -0, Number.NEGATIVE_INFINITY, new Uint8Array([1, 255]), /a+/g],
    },
    features: Object.entries(FEATURES).flatMap(([name, isThere]) => (isThere ? [name] : [])),
    reply: FEATURES.streams ? server.emptyStream() : null,
  })
  .persist(durableObjectStore(named()))
  .clientWrites(true);

const builder = FEATURES.presence ? base.presence<{ name: string }>() : base;

const board = builder
  .onAction("add", ({ state }, by: number = 1) => (state.count += by))
  .onAction("refuse", ({ state }) => {
    state.count = -1;
    throw new HoldfastError("REFUSED", "Not today.");
  })
  .onAction("insert", ({ state, randomId }, id: number) => {
    state.items.unshift({ id, marks: [randomId()] });
    state.kinds.when = new Date(state.items.length);
  })
  .onAction("say", async (context, words: string[]) => {
    const reply = context.stream(["reply"]);
    reply.reset();
    for (const word of words) {
      reply.append(word);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    reply.complete();
  })
  .build();

export const modules: { readonly board: typeof board } = { board };
