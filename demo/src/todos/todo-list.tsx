import type { ReactElement } from "react";
import type { Todo } from "./todo-actions.ts";

/** The items, oldest first; undefined while nobody knows yet whose list it is. */
export function TodoList(props: {
  items: readonly Readonly<Todo>[] | undefined;
  isGuest: boolean;
  onToggle: (id: string) => void;
  onRemove: (id: string) => void;
}): ReactElement {
  const { items, isGuest, onToggle, onRemove } = props;
  if (items === undefined) {
    return (
      <div className="todo-list todo-list--loading" aria-hidden="true">
        <span className="todo-list__ghost" />
        <span className="todo-list__ghost" />
        <span className="todo-list__ghost" />
      </div>
    );
  }
  if (items.length === 0) {
    return (
      <p className="todo-list todo-list__empty">
        {isGuest ? "The slate is clean. Write something, as a guest." : "The slate is clean."}
      </p>
    );
  }
  return (
    <ul className="todo-list" aria-label="To-dos">
      {items.map(({ id, text, done }) => (
        <li key={id} className="todo">
          <label className="todo__label">
            <input
              className="todo__box"
              type="checkbox"
              checked={done}
              onChange={() => onToggle(id)}
            />
            <span className="todo__text">{text}</span>
          </label>
          <button
            className="todo__remove"
            type="button"
            aria-label={`Remove ${text}`}
            onClick={() => onRemove(id)}
          >
            ×
          </button>
        </li>
      ))}
    </ul>
  );
}
