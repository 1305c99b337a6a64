import type { HoldfastError } from "@holdfast/client";
import { type ReactElement, useState } from "react";
import { usePersistedModule } from "../holdfast.ts";
import { Footnotes } from "../shell/footnotes.tsx";
import { wordsFor } from "../shell/words-for.ts";
import { add, clearDone, remove, type TodoState, toggle } from "./todo-actions.ts";
import { NewTodo } from "./new-todo.tsx";
import { SignIn } from "./sign-in.tsx";
import { TodoList } from "./todo-list.tsx";
import "./todos-page.css";

const optimistic = {
  add: (draft: TodoState, text: string, { randomId }: { randomId: () => string }) =>
    add(draft, text, randomId()),
  toggle,
  remove,
  clearDone,
};

/** A guest's list, or that of whoever is signed in. */
export function TodosPage(): ReactElement {
  const { state, restored, actions, pending, status } = usePersistedModule("todos", { optimistic });
  const [refusal, setRefusal] = useState("");
  const user = restored ? state.user : null;
  const items = restored ? state.items : [];
  const left = items.filter((item) => !item.done).length;

  function ask(answer: Promise<unknown>): Promise<unknown> {
    setRefusal("");
    return answer.catch((error: HoldfastError) => setRefusal(wordsFor(error)));
  }

  return (
    <>
      <section
        className="panel todos"
        aria-labelledby="todos-title"
        aria-busy={!restored}
        data-pending={pending}
        data-user={user?.id ?? "guest"}
      >
        <header className="panel__head">
          <div>
            <h2 id="todos-title" className="panel__title">
              {user ? `${user.name}'s list` : "A guest's list"}
            </h2>
            <p className="todos__fact" role="status">
              {restored ? factOf(items.length, left) : "Looking for the list"}
            </p>
          </div>
          <SignIn
            user={user}
            // Who signs in waits for the server: what is shown next comes from there.
            disabled={!restored || status !== "live"}
            onSignIn={(id) => ask(actions.signIn(id))}
            onSignOut={() => ask(actions.signOut())}
          />
        </header>
        <NewTodo disabled={!restored} onAdd={(text) => void ask(actions.add(text))} />
        {refusal !== "" && (
          <p className="refusal" role="alert">
            {refusal}
          </p>
        )}
        <TodoList
          items={restored ? items : undefined}
          isGuest={user === null}
          onToggle={(id) => void ask(actions.toggle(id))}
          onRemove={(id) => void ask(actions.remove(id))}
        />
        <footer className="todos__foot">
          <p>
            {user
              ? "Stored for this account. It is the same list on every device."
              : "Not kept for long. Sign in, and it comes along."}
          </p>
          <button
            className="button"
            type="button"
            disabled={left === items.length}
            onClick={() => void ask(actions.clearDone())}
          >
            Clear what is done
          </button>
        </footer>
      </section>
      <Footnotes>
        <p>
          <strong>The key is derived from the state.</strong> Signing in is an action like any
          other; it moves this browser, with all its tabs, to the account's own object.
        </p>
        <p>
          <strong>Nothing leaks.</strong> Another account's items never reach this socket. There are
          no passwords here: an app checks one in the action.
        </p>
        <p>
          <strong>Try it.</strong> Write as a guest, then sign in. Sign in as the same person in
          another browser. Switch, and sign out.
        </p>
      </Footnotes>
    </>
  );
}

function factOf(all: number, left: number): string {
  if (all === 0) return "Nothing to do";
  if (left === 0) return "All done";
  return `${left} of ${all} to do`;
}
