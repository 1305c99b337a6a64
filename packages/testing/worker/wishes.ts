import { app, memoryStore } from "@holdfast/server";

interface Wishes {
  who: string;
  list: string[];
  rung: number;
}

const initial: Wishes = { who: "", list: [], rung: 0 };

/** Kept by a store of its own: those of the session, until it says who it is, then those of the name. */
export const wishes = app
  .defineState(initial)
  .persist(
    memoryStore({
      key: ({ who }: Wishes, _module, session) => (who === "" ? `session ${session}` : who),
    }),
  )
  .onAction("add", ({ state }, wish: string) => {
    state.list.push(wish);
  })
  .onAction("be", ({ state }, who: string) => {
    state.who = who;
  })
  .onAction("ringLater", ({ schedule }) => {
    schedule(0, "ring");
  })
  .onAction("ring", ({ state }) => {
    state.rung++;
  })
  .onAction("beLater", ({ schedule }, who: string) => {
    schedule(0, "be", who);
  })
  .build();
