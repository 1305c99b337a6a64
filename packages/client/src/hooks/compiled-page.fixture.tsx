import type { ReactNode } from "react";
import type { Hooks } from "../react.ts";
import type { App } from "./hooks.fixture.ts";

/** A page as people write them; the test has the React Compiler make another of it. */
export function createPage({ useModule, usePresence, useStatus }: Hooks<App>): () => ReactNode {
  function Items({ items }: { readonly items: readonly { readonly id: number }[] }): ReactNode {
    const ids = items.map(({ id }) => id).join(" ");
    return <p id="items">{ids}</p>;
  }

  function Page(): ReactNode {
    const counter = useModule("counter", {
      optimistic: { add: (draft, by = 1) => (draft.n += by) },
    });
    const { state, actions, pending, restored } = counter;
    const status = useStatus();
    const { others } = usePresence("room", { key: "a" });
    const double = (restored ? state.n : 0) * 2;
    const names = others.map(({ value }) => value.x).join(" ");
    return (
      <main>
        <button onClick={() => void actions.add(3)}>{`${state?.n} ${double} ${pending}`}</button>
        <p id="status">{status.status}</p>
        <p id="others">{names}</p>
        <Items items={state?.list ?? []} />
      </main>
    );
  }

  return Page;
}
