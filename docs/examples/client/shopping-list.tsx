import { createHooks } from "@holdfast/client/react";
import type { ReactElement } from "react";
import { buy } from "../server/buy.ts";
import type { App } from "../server/shopping.ts";

const { usePersistedModule, useStatus } = createHooks<App>({
  onRejected: ({ action, error }) => tell(`${action}: ${error.message}`),
});

/** The app's own way of telling somebody something. */
declare function tell(text: string): void;

export function ShoppingList({ id }: { id: string }): ReactElement {
  const { state, restored, actions, update } = usePersistedModule("shopping", {
    key: id,
    optimistic: {
      buy,
      add: (draft, text, { randomId }) => {
        draft.items.push({ id: randomId(), text, bought: false });
      },
    },
  });
  if (!restored) return <p>…</p>;
  return (
    <ul>
      {state.items.map((item) => (
        <li key={item.id}>
          <input
            value={item.text}
            onChange={({ target }) =>
              void update(({ items }) => {
                const edited = items.find((one) => one.id === item.id);
                if (edited) edited.text = target.value;
              })
            }
          />
          <button disabled={item.bought} onClick={() => void actions.buy(item.id)}>
            Bought
          </button>
        </li>
      ))}
    </ul>
  );
}

export function Unsent(): ReactElement | null {
  const { status, pending } = useStatus();
  if (pending === 0) return null;
  return <p>{status === "offline" ? `${pending} wait for the network` : "Saving…"}</p>;
}
