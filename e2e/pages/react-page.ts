import { createHooks } from "@holdfast/client/react";
import { createElement, type ReactElement } from "react";
import type { App } from "./app.ts";

const { useModule } = createHooks<App>();

/** Rendered by the Worker, then by the browser. */
export function Page({ snapshot }: { readonly snapshot: string }): ReactElement {
  const { state, actions, status, pending } = useModule("counter", {
    initialSnapshot: snapshot,
    optimistic: { press: (draft) => void draft.count++ },
  });
  return createElement(
    "main",
    { "data-status": status, "data-pending": pending },
    createElement("button", { onClick: () => void actions.press() }, `pressed ${state?.count}`),
  );
}
