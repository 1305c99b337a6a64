import { createHooks } from "@holdfast/client/react";
import type { ReactElement } from "react";
import type { App } from "../server/app.ts";

const { useModule } = createHooks<App>();

export function TodoList({ list }: { list: string }): ReactElement {
  const { state, restored, actions, pending } = useModule("todos", {
    key: list,
    optimistic: {
      toggle: (draft, id) => {
        const item = draft.items.find((one) => one.id === id);
        if (item) item.done = !item.done;
      },
    },
  });
  if (!restored) return <p>…</p>;
  return (
    <ul aria-busy={pending > 0}>
      {state.items.map((item) => (
        <li key={item.id} onClick={() => void actions.toggle(item.id)}>
          {item.done ? "✓" : "·"} {item.title}
        </li>
      ))}
    </ul>
  );
}
