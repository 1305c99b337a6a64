import type { ReactElement, ReactNode } from "react";
import "./footnotes.css";

/** What a page shows when, said plainly, and what to try on it. */
export function Footnotes({ children }: { children: ReactNode }): ReactElement {
  return <aside className="footnotes">{children}</aside>;
}
