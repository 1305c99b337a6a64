import type { ReactElement } from "react";
import { Harbour } from "../chat/harbour.tsx";
import { Tide } from "../counter/tide.tsx";
import { Footnotes } from "../shell/footnotes.tsx";
import "./home-page.css";

/** A tide that everybody raises, and rooms to talk in. */
export function HomePage(): ReactElement {
  return (
    <>
      <div className="home">
        <Tide />
        <Harbour />
      </div>
      <Footnotes>
        <p>
          <strong>Presses and messages are instant.</strong> They show before the server has
          answered, and settle once it has stored them.
        </p>
        <p>
          <strong>Opening a room waits.</strong> It shows once the server has said yes, so two
          people never open the same one twice.
        </p>
        <p>
          <strong>Try it.</strong> Open a second window. Go offline, keep pressing, come back. Stop
          the server and start it again.
        </p>
      </Footnotes>
    </>
  );
}
