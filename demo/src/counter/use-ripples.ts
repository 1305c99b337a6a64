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
 * The presses to show. Those of other windows are what the count grew by beyond one's own. Nobody
 * knows where they were, so they show somewhere in the water, whose level is given as a fraction.
 */
export function useRipples(count: number | undefined, level: number): RippleSet {
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
    const surface = 0.9 - level * 0.8;
    const depth = (1 - surface) * (0.2 + Math.random() * 0.6);
    add({ by: others, own: false, x: 0.15 + Math.random() * 0.7, y: surface + depth });
  }, [count, level]);

  return {
    drops,
    drop(by, place) {
      ownSince.current += by;
      add({ ...place, by, own: true });
    },
    forget: (id) => setDrops((shown) => shown.filter((drop) => drop.id !== id)),
  };
}
