import { app, durableObjectStore, named } from "@holdfast/server";

/** Who is there, what only its owner sees, what is forgotten, and what happens later. */
export const lobby = app
  .defineState({
    online: 0,
    hands: {} as Record<string, string>,
    typing: "",
    rung: 0,
    wakes: 0,
  })
  .persist(durableObjectStore(named()))
  .ephemeral(["typing"])
  .view(({ session }) => ({ hide: ["hands.*"], show: [["hands", session.id]] }))
  .events<{ rang: { times: number } }>()
  .presence<{ cursor: number }>()
  .onCreated((state, { restored }) => {
    if (restored) state.wakes++;
  })
  .onConnect((state) => void state.online++)
  .onDisconnect((state) => void state.online--)
  .onAction("hold", ({ state, session }, card: string) => {
    state.hands[session.id] = card;
  })
  .onAction("type", ({ state }, text: string) => {
    state.typing = text;
  })
  .onAction("here", ({ presence }) =>
    presence.map(({ value }) => value.cursor).toSorted((one, other) => one - other),
  )
  .onAction("ringLater", ({ schedule }, ms: number) => schedule(ms, "ring"))
  .onAction("ring", ({ state, emit }) => {
    state.rung++;
    emit("rang", { times: state.rung });
  })
  .build();
