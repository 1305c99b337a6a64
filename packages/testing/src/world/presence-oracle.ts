import type { PresentOther } from "@holdfast/client";
import type { Shown } from "./board.ts";

/** Follows what one page sees of the others' users. */
export class PresenceOracle {
  readonly #breach: (what: string) => void;
  /** What each connection has shown newest, by its id. */
  readonly #newest = new Map<string, Shown>();
  #seen: readonly PresentOther<Shown>[] | undefined;

  constructor(breach: (what: string) => void) {
    this.#breach = breach;
  }

  /** [P101] A connection is one page's, and never goes back to what it showed before. */
  verify(others: readonly PresentOther<Shown>[]): void {
    if (others === this.#seen) return;
    this.#seen = others;
    for (const { id, value } of others) {
      const before = this.#newest.get(id);
      if (before && (before.who !== value.who || before.n > value.n)) {
        this.#breach(`${value.who} is shown at ${value.n}, after ${before.who} at ${before.n}`);
      }
      this.#newest.set(id, value);
    }
  }
}

/** A page, as far as it shows its user and sees the others'. */
interface Seeing {
  readonly label: string;
  readonly mine: Shown | undefined;
  readonly others: readonly Shown[];
}

/** What somebody does not see of the others, or sees though it is gone; `undefined`: nothing is. */
export function misseen(pages: readonly Seeing[]): string | undefined {
  for (const page of pages) {
    const expected = pages.flatMap((other) => (other === page ? [] : (other.mine ?? [])));
    const [sees, should] = [page.others, expected].map(asText);
    if (sees !== should) return `${page.label} sees ${sees} of the others, not ${should}`;
  }
  return undefined;
}

function asText(shown: readonly Shown[]): string {
  return JSON.stringify(shown.map(({ who, n }) => `${who}:${n}`).toSorted());
}
