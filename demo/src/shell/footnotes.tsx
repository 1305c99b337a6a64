import type { ReactElement } from "react";
import "./footnotes.css";

/** What is shown when, said plainly. */
export function Footnotes(): ReactElement {
  return (
    <footer className="footnotes">
      <p>
        <strong>Presses and messages are instant.</strong> They show before the server has answered,
        and settle once it has stored them.
      </p>
      <p>
        <strong>Opening a room waits.</strong> It shows once the server has said yes, so two people
        never open the same one twice.
      </p>
      <p>
        <strong>Try it.</strong> Open a second window. Go offline, keep pressing, come back. Stop
        the server and start it again.
      </p>
    </footer>
  );
}
