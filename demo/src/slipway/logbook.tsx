import { type ReactElement, useEffect, useState } from "react";
import type { Entry } from "./slipway-system.ts";

const TIME = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });

/** The latest lines of the logbook, asked for again when something has changed. */
export function Logbook(props: {
  ready: boolean;
  changed: unknown;
  read: () => Promise<readonly Entry[]>;
}): ReactElement {
  const { ready, changed, read } = props;
  const [entries, setEntries] = useState<readonly Entry[]>([]);

  useEffect(() => {
    if (!ready) return;
    let isCurrent = true;
    // Offline it stays as it is.
    read().then(
      (latest) => isCurrent && setEntries(latest),
      () => {},
    );
    return () => void (isCurrent = false);
  }, [ready, changed, read]);

  return (
    <section className="berth berth--log" aria-label="Logbook">
      <h3 className="berth__title">Logbook</h3>
      <ol className="logbook">
        {entries.map(({ time, text }, at) => (
          <li key={`${time} ${text} ${entries.length - at}`}>
            <time dateTime={new Date(time).toISOString()}>{TIME.format(time)}</time> {text}
          </li>
        ))}
      </ol>
      {entries.length === 0 && <p className="berth__empty">nothing yet</p>}
    </section>
  );
}
