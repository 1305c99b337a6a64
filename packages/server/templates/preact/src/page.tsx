import type { JSX, TargetedSubmitEvent } from "preact";
import { useState } from "preact/hooks";
import { useModule } from "./holdfast.ts";

/** The list, as it is for everybody; what is done here shows at once, and is stored in a moment. */
export function Page(): JSX.Element {
  const [text, setText] = useState("");
  const { state, restored, actions, status, pending } = useModule("list", {
    optimistic: {
      toggle: (draft, id) => {
        const item = draft.items.find((one) => one.id === id);
        if (item) item.done = !item.done;
      },
    },
  });
  if (!restored) return <main aria-busy="true">…</main>;

  const add = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    if (text.trim() === "") return;
    // The only reason to refuse is a text that is too long, which the field does not allow.
    void actions.add(text);
    setText("");
  };

  return (
    <main>
      <h1>holdfast-app</h1>
      <form onSubmit={add}>
        <input
          aria-label="New item"
          maxLength={200}
          placeholder="What is missing?"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <button type="submit">Add</button>
      </form>
      <ul>
        {state.items.map(({ id, text: label, done }) => (
          <li key={id}>
            <label>
              <input type="checkbox" checked={done} onChange={() => void actions.toggle(id)} />
              {done ? <s>{label}</s> : label}
            </label>
          </li>
        ))}
      </ul>
      {state.items.some(({ done }) => done) && (
        <button type="button" onClick={() => void actions.clearDone()}>
          Clear what is done
        </button>
      )}
      <output>{pending > 0 ? `${pending} to be stored` : status}</output>
    </main>
  );
}
