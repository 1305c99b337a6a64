// src/counter.tsx
import { createHooks } from "@holdfast/client/react";
import type { ReactElement } from "react";
import type { App } from "./app.ts";

const { useModule } = createHooks<App>();

export function Counter(): ReactElement {
  const { state, restored, actions } = useModule("counter", {
    optimistic: { increment: (draft, by = 1) => (draft.count += by) },
  });
  if (!restored) return <p>…</p>;
  return <button onClick={() => void actions.increment()}>{state.count}</button>;
}
