import { type ReactElement, useEffect, useRef } from "react";
import { PAGES } from "../pages.ts";
import { PageLink } from "./page-link.tsx";
import "./page-bar.css";

/** The way to every page. Where it is longer than its place, the current one is in sight. */
export function PageBar({ path }: { path: string }): ReactElement {
  const bar = useRef<HTMLElement>(null);

  useEffect(() => {
    const link = bar.current?.querySelector<HTMLElement>('[aria-current="page"]');
    // Not scrollIntoView: that would move the page as well.
    if (link) link.parentElement?.scrollTo({ left: link.offsetLeft - link.offsetWidth });
  }, [path]);

  return (
    <nav className="pages" aria-label="Pages" ref={bar}>
      {PAGES.map((page) => (
        <PageLink
          key={page.path}
          className="pages__page"
          to={page.path}
          isCurrent={page.path === path}
        >
          {page.name}
        </PageLink>
      ))}
    </nav>
  );
}
