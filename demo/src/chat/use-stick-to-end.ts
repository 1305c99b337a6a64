import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from "react";

/** A reader this close to the end is at the end. */
const NEAR_PX = 48;

/** Keeps a scrolled list at its end while new items come, unless its reader went up to read. */
export function useStickToEnd(last: string | undefined): {
  readonly scroller: RefObject<HTMLDivElement | null>;
  /** The reader is elsewhere. */
  readonly isAway: boolean;
  readonly toEnd: () => void;
} {
  const scroller = useRef<HTMLDivElement>(null);
  const sticks = useRef(true);
  const [isAway, setIsAway] = useState(false);
  const isEmpty = last === undefined;

  function toEnd(): void {
    sticks.current = true;
    setIsAway(false);
    scroller.current?.scrollTo({ top: scroller.current.scrollHeight });
  }

  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const onScroll = (): void => {
      const left = element.scrollHeight - element.scrollTop - element.clientHeight;
      sticks.current = left < NEAR_PX;
      setIsAway(!sticks.current);
    };
    // A window that changes its size keeps its end in sight, too.
    const resized = new ResizeObserver(() => {
      if (sticks.current) element.scrollTop = element.scrollHeight;
    });
    element.addEventListener("scroll", onScroll, { passive: true });
    resized.observe(element);
    return () => {
      element.removeEventListener("scroll", onScroll);
      resized.disconnect();
    };
    // The element comes with the first messages.
  }, [isEmpty]);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element && sticks.current) element.scrollTop = element.scrollHeight;
  }, [last]);

  return { scroller, isAway, toEnd };
}
