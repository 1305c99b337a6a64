import type { Environment } from "./environment.ts";

/** Who wants to know of something. The same function may be there more than once. */
export class Listeners<Data = void> {
  readonly #environment: Environment;
  readonly #entries = new Set<{ readonly listener: (data: Data) => void }>();

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** @returns a function that takes the listener out again; calling it twice does no harm */
  add(listener: (data: Data) => void): () => void {
    const entry = { listener };
    this.#entries.add(entry);
    return () => void this.#entries.delete(entry);
  }

  /** One listener's mistake reaches neither the others nor whoever caused the change. */
  notify(data: Data): void {
    for (const { listener } of this.#entries) {
      try {
        listener(data);
      } catch (error) {
        this.#environment.report("Holdfast: a listener threw.", error);
      }
    }
  }
}
