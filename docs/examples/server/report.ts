import { app, durableObjectStore, named } from "@holdfast/server";

export const report = app
  .defineState({ status: "idle" as "idle" | "working" | "done", text: "" })
  .persist(durableObjectStore(named()))
  .onAction("write", { timeout: 60_000 }, async ({ state, commit }, topic: string) => {
    state.status = "working";
    await commit(); // everybody sees it now
    const response = await fetch(`https://reports.example/${encodeURIComponent(topic)}`);
    state.text = await response.text();
    state.status = "done";
  })
  .build();
