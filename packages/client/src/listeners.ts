import type { Environment } from "./environment.ts";

/** Who wants to know of changes. The same function may be there more than once. */
export class Listeners {
  readonly #environment: Environment;
  readonly #entries = new Set<{ readonly listener: () => void }>();

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** @returns a function that takes the listener out again; calling it twice does no harm */
  add(listener: () => void): () => void {
    const entry = { listener };
    this.#entries.add(entry);
    return () => {
      this.#entries.delete(entry);
    };
  }

  /** One listener's mistake reaches neither the others nor whoever caused the change. */
  notify(): void {
    for (const { listener } of this.#entries) {
      try {
        listener();
      } catch (error) {
        this.#environment.report("Holdfast: a subscriber threw.", error);
      }
    }
  }
}
