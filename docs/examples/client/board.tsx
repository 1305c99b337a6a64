import { createHooks } from "@holdfast/client/react";
import type { ReactElement } from "react";
import type { App } from "../server/app.ts";

const { useModule, usePresence, useHistory } = createHooks<App>();

export function Notes({ id }: { id: string }): ReactElement {
  const { state, restored, actions, update } = useModule("board", {
    key: id,
    optimistic: {
      add: (draft, text, { randomId, now }) => {
        draft.notes.push({ id: randomId(), text });
        draft.edited = now;
      },
    },
  });
  if (!restored) return <p>…</p>;
  return (
    <section>
      {state.notes.map((note, index) => (
        <textarea
          key={note.id}
          value={note.text}
          onChange={({ target }) =>
            void update(({ notes }) => {
              const edited = notes[index];
              if (edited) edited.text = target.value;
            })
          }
        />
      ))}
      <button onClick={() => void actions.add("A new note")}>Add</button>
    </section>
  );
}

export function Cursors({ id, name }: { id: string; name: string }): ReactElement {
  const { others, set } = usePresence("board", { key: id });
  return (
    <div onPointerMove={({ clientX: x, clientY: y }) => set({ name, x, y })}>
      {others.map(({ id: other, value }) => (
        <i key={other} style={{ translate: `${value.x}px ${value.y}px` }}>
          {value.name}
        </i>
      ))}
    </div>
  );
}

export function UndoButtons({ id }: { id: string }): ReactElement {
  const { undo, redo, canUndo, canRedo } = useHistory("board", { key: id });
  return (
    <p>
      <button disabled={!canUndo} onClick={() => void undo()}>
        Undo
      </button>
      <button disabled={!canRedo} onClick={() => void redo()}>
        Redo
      </button>
    </p>
  );
}
