import type { Primitive } from "@holdfast/protocol";
import { ANY, type Literal, type PatternSegment } from "../../module/path-pattern.ts";

type Pattern = readonly PatternSegment[];

/** Patterns, each by what is left of it below a place. */
export interface PatternSets {
  readonly hide: readonly Pattern[];
  /** Wins over `hide`. */
  readonly show: readonly Pattern[];
  /** Wins over all: keys of the state itself. */
  readonly secret: ReadonlySet<string>;
}

/**
 * - `shown`: seen, with all that is in it
 * - `mixed`: seen, but for some of what is in it
 * - `partial`: hidden, but for some of what is in it: a container seems to hold only that, and
 *   anything else seems to be `null`
 * - `hidden`: not there at all
 */
export type PlaceStatus = "shown" | "mixed" | "partial" | "hidden";

const NO_KEYS: ReadonlySet<string> = new Set();
const NO_PATTERNS: PatternSets = { hide: [], show: [], secret: NO_KEYS };
const INDEX = /^\d+$/;

/**
 * What a view says of one place, and of all places below it. Depends on the path alone, never on the
 * state, so that a patch can be looked at by itself.
 */
export class ViewPlace {
  readonly status: PlaceStatus;
  readonly #sets: PatternSets;
  /** What is below a key that no pattern names. */
  #other: ViewPlace | undefined;
  /** What is below each item of an array. */
  #item: ViewPlace | undefined;
  /** What is below the keys that patterns name: as few as those. */
  readonly #named = new Map<Primitive, ViewPlace>();

  constructor(status: PlaceStatus, sets: PatternSets = NO_PATTERNS) {
    this.status = status;
    this.#sets = sets;
  }

  /** Whether all keys are alike. */
  get isUniform(): boolean {
    const { hide, show, secret } = this.#sets;
    return secret.size === 0 && [...hide, ...show].every(([next]) => next === ANY);
  }

  /** Below the key of an object, an entry of a Map; a member of a Set. */
  child(key: Primitive): ViewPlace {
    if (this.status === "shown" || this.status === "hidden") return this;
    const named = this.#named.get(key);
    if (named) return named;
    const { hide, show, secret } = this.#sets;
    if (typeof key === "string" && secret.has(key)) return HIDDEN;
    const isNamed = [...hide, ...show].some(([next]) => next !== ANY && means(next, key));
    if (!isNamed) return this.#ofOthers();
    const child = this.#below((next) => means(next, key));
    this.#named.set(key, child);
    return child;
  }

  /** Below each item of an array. */
  item(): ViewPlace {
    if (this.status === "shown" || this.status === "hidden") return this;
    if (!this.#item) {
      const { hide, show } = this.#sets;
      const { status } = this;
      const below = hide.filter(([next]) => next === ANY || isIndex(next)).map(behind);
      const isAsOthers = below.length === hide.filter(([next]) => next === ANY).length;
      const shown = show.filter(([next]) => next === ANY).map(behind);
      this.#item = isAsOthers ? this.#ofOthers() : decide(status === "partial", below, shown);
    }
    return this.#item;
  }

  #ofOthers(): ViewPlace {
    return (this.#other ??= this.#below(() => false));
  }

  #below(isMeant: (next: Literal) => boolean): ViewPlace {
    const next = (patterns: readonly Pattern[]): Pattern[] =>
      patterns.filter(([one]) => one === ANY || isMeant(one as Literal)).map(behind);
    const { hide, show } = this.#sets;
    return decide(this.status === "partial", next(hide), next(show));
  }
}

export const SHOWN: ViewPlace = new ViewPlace("shown");
const HIDDEN = new ViewPlace("hidden");

/** The place that the patterns begin at. */
export function rootPlace(sets: PatternSets): ViewPlace {
  return sets.hide.length + sets.secret.size > 0 ? new ViewPlace("mixed", sets) : SHOWN;
}

function decide(isHiddenAbove: boolean, hide: Pattern[], show: Pattern[]): ViewPlace {
  if (show.some(({ length }) => length === 0)) return SHOWN;
  if (isHiddenAbove || hide.some(({ length }) => length === 0)) {
    if (show.length === 0) return HIDDEN;
    return new ViewPlace("partial", { hide: [], show, secret: NO_KEYS });
  }
  if (hide.length === 0) return SHOWN;
  return new ViewPlace("mixed", { hide, show, secret: NO_KEYS });
}

function behind(pattern: Pattern): Pattern {
  return pattern.slice(1);
}

function means(segment: PatternSegment | undefined, key: Primitive): boolean {
  if (segment === undefined || segment === ANY) return false;
  // A Map's keys are compared in this way, too: NaN is NaN, and -0 is 0.
  if (segment.key === key || (segment.key !== segment.key && key !== key)) return true;
  return segment.isText && typeof key === "number" && String(key) === segment.key;
}

function isIndex(segment: PatternSegment | undefined): boolean {
  if (segment === undefined || segment === ANY) return false;
  const { key, isText } = segment;
  return isText ? INDEX.test(String(key)) : Number.isInteger(key) && Number(key) >= 0;
}
