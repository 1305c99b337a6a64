import { type FormEvent, type ReactElement, useState } from "react";
import { useModule, useStream } from "../holdfast.ts";
import { Footnotes } from "../shell/footnotes.tsx";
import { LONGEST_QUESTION, QUESTIONS } from "./questions.ts";
import "./pilot-page.css";

/** A panel with an assistant, whose answer everybody reads as it comes. */
export function PilotPage(): ReactElement {
  return (
    <>
      <Pilot />
      <Footnotes>
        <p>
          <strong>The answer is a stream.</strong> A word goes out as it comes, to every window, and
          is stored a moment later: a few rows for all of it.
        </p>
        <p>
          <strong>Come late, or back.</strong> A window that reconnects goes on where it was. One
          that comes later finds the answer whole.
        </p>
        <p>
          <strong>Try it.</strong> Open two windows. Stop the answer in the other one; kill the
          server in the middle; ask about the kraken.
        </p>
      </Footnotes>
    </>
  );
}

/** What there is to say of an answer that is not whole. */
const ENDS: Readonly<Record<string, string>> = {
  stopped: "Somebody has heard enough.",
  interrupted: "The server stopped in the middle of it. This is what had come by then.",
  failed: "Something happened to the pilot.",
};

function Pilot(): ReactElement {
  const { state, restored, actions } = useModule("pilot");
  const { text, status, error } = useStream("pilot", "answer");
  const [draft, setDraft] = useState("");
  const isSpeaking = status === "streaming";

  function ask(question: string): void {
    setDraft("");
    // How it ends stands below the answer.
    actions.ask(question).catch(() => {});
  }

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (restored && draft.trim() !== "") ask(draft);
  }

  return (
    <section className="panel pilot" aria-labelledby="pilot-title" data-status={status}>
      <header className="panel__head">
        <h2 id="pilot-title" className="panel__title">
          The pilot
        </h2>
        <form className="pilot__form" onSubmit={submit}>
          <input
            className="panel__line"
            aria-label="A question for the pilot"
            placeholder="Ask the pilot"
            maxLength={LONGEST_QUESTION}
            value={draft}
            onChange={(event) => setDraft(event.target.value)}
          />
          <button className="button" type="submit" disabled={!restored || draft.trim() === ""}>
            Ask
          </button>
          <button
            className="button"
            type="button"
            disabled={!isSpeaking}
            onClick={() => void actions.stop().catch(() => {})}
          >
            Stop
          </button>
        </form>
      </header>
      <div className="pilot__talk">
        {restored && state.question !== "" && <p className="pilot__question">{state.question}</p>}
        <p className="pilot__answer" aria-live="polite" aria-busy={isSpeaking}>
          {text}
        </p>
        {error !== null && (
          <p className="pilot__end" role="status">
            {ENDS[error] ?? `The answer broke off: ${error}.`}
          </p>
        )}
        {restored && !isSpeaking && (
          <ul className="pilot__questions">
            {QUESTIONS.map((question) => (
              <li key={question}>
                <button type="button" onClick={() => ask(question)}>
                  {question}
                </button>
              </li>
            ))}
          </ul>
        )}
      </div>
    </section>
  );
}
