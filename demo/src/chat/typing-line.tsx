import type { ReactElement } from "react";
import type { Person } from "./chat-events.ts";
import "./typing-line.css";

/** Who types just now. Its place is there always, so that nothing moves when somebody begins. */
export function TypingLine({ typists }: { typists: readonly Person[] }): ReactElement {
  return (
    <p className="typing" role="status" data-typing={typists.length > 0}>
      {typists.length > 0 && (
        <>
          <span className="typing__waves" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          {wordsOf(typists.map(({ name }) => name))}
        </>
      )}
    </p>
  );
}

function wordsOf([first, second, ...others]: readonly string[]): string {
  if (second === undefined) return `${first} is writing`;
  if (others.length === 0) return `${first} and ${second} are writing`;
  return "Several people are writing";
}
