import type { ReactElement } from "react";
import { useStatus } from "../holdfast.ts";
import "./connection-status.css";

const WORDS = {
  connecting: "Connecting",
  live: "Live",
  reconnecting: "Reconnecting",
  offline: "Offline",
  denied: "Not let in",
  closed: "Closed",
} as const;

/** How the page is connected, and how much of what was done here is not stored yet. */
export function ConnectionStatus(): ReactElement {
  const { status, pending } = useStatus();
  return (
    <p className="status" data-status={status} role="status">
      <span className="status__light" aria-hidden="true" />
      <span className="status__word">{WORDS[status]}</span>
      {pending > 0 && status !== "live" && (
        <span className="status__pending">
          {pending} {pending === 1 ? "change waits" : "changes wait"}
        </span>
      )}
    </p>
  );
}
