import type { ReactElement } from "react";

/** Nobody has said anything yet. */
export function EmptyRoom({ room }: { room: string }): ReactElement {
  return (
    <div className="empty">
      <svg className="empty__picture" viewBox="0 0 120 96" aria-hidden="true">
        <g className="empty__bottle">
          <g transform="rotate(48 60 46)">
            <path d="M30 34h40q14 0 14 12t-14 12h-40q-4 0-6-4l-10-2v-12l10-2q2-4 6-4z" />
            <path d="M14 42h-6v8h6" />
            <path d="M36 40h28v12h-28zM41 44h16M41 48h10" />
          </g>
        </g>
        <path className="empty__sea" d="M2 72q14.500-9 29 0t29 0t29 0t29 0v24h-116z" />
        <path d="M2 72q14.500-9 29 0t29 0t29 0t29 0" />
        <path d="M14 84q11.500-7 23 0t23 0t23 0t23 0" />
      </svg>
      <p className="empty__line">
        Nothing has washed up in <strong>{room}</strong> yet.
      </p>
      <p className="empty__hint">Send the first message in a bottle.</p>
    </div>
  );
}
