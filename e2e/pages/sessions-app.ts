import { app, type AppOf, durableObjectStore, session, withKey } from "@holdfast/server";

const draft = app
  .defineState({ lines: [] as string[] })
  .persist(durableObjectStore(session()))
  .onAction("add", ({ state }, line: string) => {
    state.lines.push(line);
  })
  .build();

const notes = app
  .defineState({ user: null as string | null, lines: [] as string[] })
  .persist(durableObjectStore(withKey((state) => state.user)))
  .onAction("add", ({ state }, line: string) => {
    state.lines.push(line);
  })
  .onAction("login", ({ state }, user: string | null) => {
    state.user = user;
  })
  .build();

/** What belongs to a browser, and what to whoever has logged in there. */
export const modules: { readonly draft: typeof draft; readonly notes: typeof notes } = {
  draft,
  notes,
};

export type App = AppOf<typeof modules>;
