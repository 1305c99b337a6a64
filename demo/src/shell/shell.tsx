import { type ReactElement, useEffect, useRef } from "react";
import { pageAt } from "../pages.ts";
import { DevtoolsToggle } from "./devtools-toggle.tsx";
import { Header } from "./header.tsx";
import { PageOutlet } from "./page-outlet.tsx";
import { RejectionNotices } from "./rejection-notices.tsx";
import { usePath } from "./use-path.ts";
import "./shell.css";

/** What stands around every page: name, navigation, and how things are with the server. */
export function Shell(): ReactElement {
  const path = usePath();
  const page = pageAt(path);
  const main = useRef<HTMLElement>(null);
  const shown = useRef(path);

  useEffect(() => {
    document.title = page ? `${page.name} · Holdfast` : "Nothing here · Holdfast";
    if (shown.current === path) return;
    shown.current = path;
    // Who came by a link of the navigation reads on from the top of the new page.
    main.current?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, [page, path]);

  return (
    <div className="shell">
      <a className="shell__skip" href="#main" onClick={(event) => skipTo(event, main.current)}>
        Skip to the page
      </a>
      <Header path={path} />
      <main className="shell__main" ref={main} tabIndex={-1}>
        <PageOutlet page={page} />
      </main>
      <DevtoolsToggle />
      <RejectionNotices />
    </div>
  );
}

/** The part behind # belongs to the page: it names a room of the chat. */
function skipTo(event: { preventDefault: () => void }, main: HTMLElement | null): void {
  event.preventDefault();
  main?.focus();
}
