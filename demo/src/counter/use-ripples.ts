import { useEffect, useRef, useState } from "react";

/** Where somebody pressed, for as long as it shows. */
export interface Drop {
  readonly id: number;
  /** Fractions of the basin's width and height. */
  readonly x: number;
  readonly y: number;
  readonly by: number;
  /** Pressed in this window; otherwise in somebody else's. */
  readonly own: boolean;
}

export interface RippleSet {
  readonly drops: readonly Drop[];
  /** Shows a press of this window. */
  readonly drop: (by: number, place: { x: number; y: number }) => void;
  readonly forget: (id: number) => void;
}

/** More at once would only be noise. */
const MOST_DROPS = 16;
let lastId = 0;

/**
 * The presses to show. Those of other windows are what the count grew by beyond one's own: they
 * appear where nobody knows, so somewhere.
 */
export function useRipples(count: number | undefined): RippleSet {
  const [drops, setDrops] = useState<readonly Drop[]>([]);
  const seen = useRef<number | undefined>(undefined);
  const ownSince = useRef(0);

  function add(drop: Omit<Drop, "id">): void {
    lastId += 1;
    const id = lastId;
    setDrops((shown) => [...shown, { ...drop, id }].slice(-MOST_DROPS));
  }

  useEffect(() => {
    const before = seen.current;
    seen.current = count;
    if (count === undefined || before === undefined) return;
    const others = count - before - ownSince.current;
    ownSince.current = 0;
    if (others <= 0) return;
    add({ by: others, own: false, x: 0.15 + Math.random() * 0.7, y: 0.35 + Math.random() * 0.5 });
  }, [count]);

  return {
    drops,
    drop(by, place) {
      ownSince.current += by;
      add({ ...place, by, own: true });
    },
    forget: (id) => setDrops((shown) => shown.filter((drop) => drop.id !== id)),
  };
}
