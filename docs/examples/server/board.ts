import { app, durableObjectStore, named } from "@holdfast/server";

export interface Note {
  id: string;
  text: string;
}

export const board = app
  .defineState({ notes: [] as Note[], edited: 0 })
  .persist(durableObjectStore(named()))
  .clientWrites({ paths: ["notes"] })
  .presence<{ name: string; x: number; y: number }>()
  .onAction("add", ({ state, randomId, now }, text: string) => {
    state.notes.push({ id: randomId(), text });
    state.edited = now;
  })
  .onAction("whoIsHere", ({ presence }) =>
    presence.map(({ user, value }) => user?.id ?? value.name),
  )
  .build();
