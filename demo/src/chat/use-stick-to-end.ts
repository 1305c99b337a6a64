import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from "react";

/** A reader this close to the end is at the end. */
const NEAR_PX = 48;

/**
 * Keeps a scrolled list at its end while new items come, unless its reader went up to read: then what
 * they read stays where it is, whatever comes behind it or in front of it.
 *
 * @param first what the first item is, and the last one; `undefined`: there is none
 */
export function useStickToEnd(
  first: string | undefined,
  last: string | undefined,
): {
  readonly scroller: RefObject<HTMLDivElement | null>;
  /** The reader is elsewhere. */
  readonly isAway: boolean;
  readonly toEnd: () => void;
} {
  const scroller = useRef<HTMLDivElement>(null);
  const sticks = useRef(true);
  /** How far the reader was from the end: that stays the same while the list grows at its beginning. */
  const fromEnd = useRef(0);
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
      fromEnd.current = element.scrollHeight - element.scrollTop;
      sticks.current = fromEnd.current - element.clientHeight < NEAR_PX;
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
    if (element && !sticks.current) element.scrollTop = element.scrollHeight - fromEnd.current;
  }, [first]);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    if (sticks.current) element.scrollTop = element.scrollHeight;
    fromEnd.current = element.scrollHeight - element.scrollTop;
  }, [first, last]);

  return { scroller, isAway, toEnd };
}
