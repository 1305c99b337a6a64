import type { Random } from "@holdfast/testing/random";

/** Who looks: the socket at the end of a wire. */
export interface Onlooker {
  /** The instance that it is connected to. */
  readonly instance: string;
  readonly session: string;
}

/** 128 random bits that stand for something that somebody wrote. */
export interface Canary {
  /** For people: `add by alice`. */
  readonly what: string;
  /** Whether the instance's rows may hold it. */
  readonly mayBeStored: (instance: string) => boolean;
  /** Whether it may be sent to this socket. */
  readonly mayBeSent: (to: Onlooker) => boolean;
  /** Whether a browser may keep it where this user is at it; default: whoever is. */
  readonly mayBeKept?: (user: string | null) => boolean;
  /** Whether its author had it thrown: then the operator may read it. */
  readonly isThrown?: boolean;
  /** Further instances that have it by right: a guest's, once the guest has logged in there. */
  readonly alsoAt: Set<string>;
  /** Those among them that have said that they have it. */
  readonly arrivedAt: Set<string>;
  /** The action that brought it takes time. */
  isSlow: boolean;
  /** Its loss would be no loss: something has removed it, or may have. */
  isDispensable: boolean;
  /** Whoever wrote it was told that it is done. */
  isDone: boolean;
  /** When it was written. */
  readonly madeAt: number;
}

const PATTERN = /[0-9a-f]{32}/g;

/** Every canary of a history. */
export class Canaries {
  readonly #random: Random;
  readonly #now: () => number;
  readonly #known = new Map<string, Canary>();

  constructor(random: Random, now: () => number) {
    this.#random = random;
    this.#now = now;
  }

  get size(): number {
    return this.#known.size;
  }

  make(canary: Pick<Canary, "what" | "mayBeStored" | "mayBeSent" | "mayBeKept" | "isThrown">): {
    readonly text: string;
    readonly canary: Canary;
  } {
    let text = "";
    while (text.length < 32) text += this.#random.between(0, 15).toString(16);
    const made: Canary = {
      ...canary,
      alsoAt: new Set(),
      arrivedAt: new Set(),
      isSlow: false,
      isDispensable: false,
      isDone: false,
      madeAt: this.#now(),
    };
    this.#known.set(text, made);
    return { text, canary: made };
  }

  all(): Iterable<readonly [string, Canary]> {
    return this.#known;
  }

  /** Those that stand in a text, as often as they do. */
  in(text: string): Canary[] {
    const found: Canary[] = [];
    for (const [match] of text.matchAll(PATTERN)) {
      const canary = this.#known.get(match);
      if (canary) found.push(canary);
    }
    return found;
  }
}
