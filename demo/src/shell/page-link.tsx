import type { MouseEvent, ReactElement } from "react";
import { pageAt } from "../pages.ts";
import { goTo } from "./use-path.ts";

/** A link to a page of the demo. Its code is fetched when somebody is about to follow it. */
export function PageLink(props: {
  to: string;
  className: string;
  isCurrent?: boolean;
  children: string;
}): ReactElement {
  const { to, className, isCurrent, children } = props;
  // A failure shows when the page is really gone to.
  const fetchCode = (): void =>
    void pageAt(to)
      ?.load()
      .catch(() => {});

  function follow(event: MouseEvent): void {
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey;
    if (!isPlain || event.altKey || event.defaultPrevented) return;
    event.preventDefault();
    goTo(to);
  }

  return (
    <a
      className={className}
      href={to}
      data-name={children}
      aria-current={isCurrent ? "page" : undefined}
      onClick={follow}
      onPointerEnter={fetchCode}
      onFocus={fetchCode}
    >
      {children}
    </a>
  );
}
