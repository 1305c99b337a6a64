import { createHooks } from "@holdfast/client/preact";
import { type ComponentChild, h, render } from "preact";
import { useEffect } from "preact/hooks";
import type { App } from "./app.ts";

const { useModule, usePresence } = createHooks<App>();

function Page(): ComponentChild {
  const { state, restored, actions, update, status, pending } = useModule("counter", {
    optimistic: { press: (draft) => void draft.count++ },
  });
  const { others, set } = usePresence("counter");
  useEffect(() => set({ name: location.hash.slice(1) }), [set]);
  return h("main", { "data-status": status, "data-pending": pending }, [
    h("button", { onClick: () => void actions.press() }, restored ? `pressed ${state.count}` : "…"),
    h("button", { onClick: () => void update((draft) => void (draft.count += 10)) }, "ten"),
    h("p", null, others.map(({ value }) => value.name).join(", ")),
  ]);
}

const root = document.querySelector("#root");
if (root) render(h(Page, null), root);
