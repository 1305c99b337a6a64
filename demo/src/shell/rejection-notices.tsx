import { type ReactElement, useSyncExternalStore } from "react";
import { forgetRejection, getRejections, subscribeToRejections } from "./rejections.ts";
import { wordsFor } from "./words-for.ts";
import "./rejection-notices.css";

/** Says what was done here, or on a page that is gone, and did not come to be. */
export function RejectionNotices(): ReactElement {
  const missed = useSyncExternalStore(subscribeToRejections, getRejections);
  return (
    <div className="rejections" role="alert">
      {missed.map(({ id, rejection: { module, action, error } }) => (
        <p className="rejections__one" key={id}>
          <span>
            <strong>
              A change to {module} ({action}) was not kept.
            </strong>{" "}
            {wordsFor(error)}
          </span>
          <button
            className="rejections__forget"
            type="button"
            aria-label="Close"
            onClick={() => forgetRejection(id)}
          >
            ×
          </button>
        </p>
      ))}
    </div>
  );
}
