import type { StateStore } from "../module/state-store.ts";
import type { Errands } from "./app/errands.ts";

/** What happens at a save, in the place of what the store does by itself. */
export type SaveFault = (save: () => Promise<void>) => Promise<void>;

/** A store of one key, of which saves can be made to fail, to wait and to arrive late. */
export class FaultyStore implements StateStore {
  /** What the next saves meet, in order; then none. */
  readonly faults: SaveFault[] = [];
  /** Every load fails. */
  isDown = false;
  /** Saves at once, at most, and how many there were. */
  mostAtOnce = 0;
  saves = 0;
  readonly #store: StateStore;
  readonly #key: string;
  readonly #errands: Errands;
  /** The process that asks now. */
  #asker = { saves: 0 };

  constructor(store: StateStore, key: string, errands: Errands) {
    this.#store = store;
    this.#key = key;
    this.#errands = errands;
  }

  /** Who has asked so far is gone: saves that are held up never arrive, and nobody hears of others. */
  forgetAsker(): void {
    this.#asker = { saves: 0 };
  }

  resolveKey(): string {
    return this.#key;
  }

  async load(key: string): Promise<unknown> {
    if (this.isDown) throw new Error("The store is down.");
    return this.#errands.follow(Promise.resolve(this.#store.load(key)));
  }

  save(key: string, state: object): Promise<void> {
    const asker = this.#asker;
    const save = async (): Promise<void> => {
      if (asker === this.#asker) {
        await this.#errands.follow(Promise.resolve(this.#store.save(key, state)));
      }
    };
    const fault = this.faults.shift() ?? ((all) => all());
    this.mostAtOnce = Math.max(this.mostAtOnce, ++asker.saves);
    this.saves++;
    return new Promise((resolve, reject) => {
      const ended = (tell: () => void): void => {
        asker.saves--;
        if (asker === this.#asker) tell();
      };
      fault(save).then(
        () => ended(resolve),
        (error: unknown) => ended(() => reject(error)),
      );
    });
  }

  delete(key: string): unknown {
    return this.#store.delete(key);
  }
}
