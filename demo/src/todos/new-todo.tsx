import { type FormEvent, type ReactElement, useState } from "react";
import { LONGEST_TODO } from "./todo-actions.ts";

/** Where a to-do is written. It is on the list at once. */
export function NewTodo(props: { disabled: boolean; onAdd: (text: string) => void }): ReactElement {
  const [text, setText] = useState("");
  const canAdd = !props.disabled && text.trim() !== "";

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (!canAdd) return;
    props.onAdd(text.trim());
    setText("");
  }

  return (
    <form className="new-todo" onSubmit={submit}>
      <input
        className="panel__line"
        aria-label="New to-do"
        placeholder="What is there to do?"
        maxLength={LONGEST_TODO}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <button className="button button--main" type="submit" disabled={!canAdd}>
        Add
      </button>
    </form>
  );
}
