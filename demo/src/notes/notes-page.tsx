import type { HoldfastError } from "@holdfast/client";
import { type ReactElement, useState } from "react";
import { usePersistedModule } from "../holdfast.ts";
import { Footnotes } from "../shell/footnotes.tsx";
import { wordsFor } from "../shell/words-for.ts";
import { LONGEST_TEXT, LONGEST_TITLE, NO_NOTES, type NotesState } from "./notes-state.ts";
import { useSharedText } from "./use-shared-text.ts";
import { WhereItIs } from "./where-it-is.tsx";
import "./notes-page.css";

/** A draft that belongs to this browser: typed here, kept on the server, live in all of its tabs. */
export function NotesPage(): ReactElement {
  const { state, restored, update, pending, status } = usePersistedModule("notes");
  const [refusal, setRefusal] = useState("");
  const [discarded, setDiscarded] = useState<NotesState>();
  const { title, text } = restored ? state : NO_NOTES;
  const isEmpty = title === "" && text === "";

  function edit(recipe: (draft: NotesState) => void): void {
    setRefusal("");
    update(recipe).catch((error: HoldfastError) => setRefusal(wordsFor(error)));
  }

  const titleField = useSharedText<HTMLInputElement>(title, (recipe) =>
    edit((draft) => void (draft.title = recipe(draft.title))),
  );
  const textField = useSharedText<HTMLTextAreaElement>(text, (recipe) =>
    edit((draft) => void (draft.text = recipe(draft.text))),
  );

  return (
    <>
      <section className="notes" aria-labelledby="notes-title">
        <div className="panel sheet" data-pending={pending} aria-busy={!restored}>
          <h2 id="notes-title" className="visually-hidden">
            Your draft
          </h2>
          <input
            {...titleField}
            className="sheet__title"
            aria-label="Title"
            placeholder="Untitled"
            maxLength={LONGEST_TITLE}
            disabled={!restored}
          />
          <textarea
            {...textField}
            className="sheet__text"
            aria-label="Draft"
            placeholder={restored ? "Write. There is nothing to save." : ""}
            maxLength={LONGEST_TEXT}
            disabled={!restored}
          />
          {refusal !== "" && (
            <p className="refusal" role="alert">
              {refusal}
            </p>
          )}
        </div>
        <aside className="keeping" aria-label="About this draft">
          <WhereItIs
            isKnown={restored}
            isEmpty={isEmpty}
            isLive={status === "live"}
            pending={pending}
          />
          <p className="keeping__words">
            <span className="keeping__number">{wordsIn(text)}</span>{" "}
            {wordsIn(text) === 1 ? "word" : "words"}
          </p>
          {isEmpty && discarded ? (
            <button
              className="button"
              type="button"
              onClick={() => edit((draft) => void Object.assign(draft, discarded))}
            >
              Bring it back
            </button>
          ) : (
            <button
              className="button"
              type="button"
              disabled={isEmpty}
              onClick={() => {
                setDiscarded({ title, text });
                edit((draft) => void Object.assign(draft, NO_NOTES));
              }}
            >
              Start over
            </button>
          )}
        </aside>
      </section>
      <Footnotes>
        <p>
          <strong>It is this browser's.</strong> The key is the session: all tabs here share the
          draft, and no other browser can see it.
        </p>
        <p>
          <strong>Each letter is a patch,</strong> shown at once. Where two tabs edit at the same
          time, the later edit is made again on top of the earlier one.
        </p>
        <p>
          <strong>Try it.</strong> Open a second tab and type in both. Go offline, type, reload: it
          is all there, and arrives later.
        </p>
      </Footnotes>
    </>
  );
}

function wordsIn(text: string): number {
  return text.match(/[^\s]+/gu)?.length ?? 0;
}
