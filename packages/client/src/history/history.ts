import type { Path, Value } from "@holdfast/protocol";
import { Listeners } from "../listeners.ts";
import type { InstancePart, Part, PartSite } from "../part.ts";
import type { Recipe } from "../store/step.ts";
import { revert } from "./revert.ts";

/** Whether there is something to undo or redo; a new object whenever that changes. */
export interface HistorySnapshot {
  readonly canUndo: boolean;
  readonly canRedo: boolean;
}

/** What this page has done at one instance by `update`, to be undone and redone. */
export interface HistoryHandle {
  /** The same object until something changes. */
  readonly getSnapshot: () => HistorySnapshot;
  /**
   * Remembers updates from now on, as long as anybody is subscribed.
   *
   * @returns a function that ends the subscription
   */
  readonly subscribe: (listener: () => void) => () => void;
  /**
   * Takes the last update of this page back, by an update of its own: where the state is as that one has
   * left it. What others have changed since stays.
   *
   * @returns the places that stay, once the rest is durable; rejects as `update` does
   */
  readonly undo: () => Promise<readonly Path[]>;
  /** Takes the last `undo` back, in the same way. */
  readonly redo: () => Promise<readonly Path[]>;
  /** Forgets all of it. */
  readonly clear: () => void;
}

/** The history of one instance, as the instance uses it. */
interface InstanceHistory extends InstancePart, Omit<HistoryHandle, "clear"> {
  /** An update of this page, remembered. */
  readonly update: (recipe: Recipe) => Promise<void>;
  readonly forget: () => void;
}

/** The machinery of histories. */
export type History = Part<InstanceHistory, HistoryHandle>;

/** Remembers what pages update, to be undone: pass it to `createClient`, with `optimism`. */
export const history: History = {
  create: (site) => new HistoryOfInstance(site),
  handle: (look, open) => ({
    getSnapshot: () => look()?.getSnapshot() ?? NOTHING,
    subscribe: (listener) => open().subscribe(listener),
    undo: async () => look()?.undo() ?? [],
    redo: async () => look()?.redo() ?? [],
    clear: () => look()?.forget(),
  }),
};

/** So many updates are remembered; what they share with the state takes no room. */
const MOST_UPDATES = 100;

/** What one update made of what, when it ran last: it runs again as others change the state. */
interface Change {
  before: Value;
  after: Value;
}

const NOTHING: HistorySnapshot = { canUndo: false, canRedo: false };

class HistoryOfInstance implements InstanceHistory {
  readonly #site: PartSite;
  readonly #listeners: Listeners;
  #done: Change[] = [];
  #undone: Change[] = [];
  #snapshot = NOTHING;
  #release: (() => void) | undefined;

  constructor(site: PartSite) {
    this.#site = site;
    this.#listeners = new Listeners(site.environment);
  }

  readonly getSnapshot = (): HistorySnapshot => this.#snapshot;

  readonly subscribe = (listener: () => void): (() => void) => {
    const unsubscribe = this.#listeners.add(listener);
    this.#release ??= this.#site.hold();
    return () => {
      unsubscribe();
      if (this.#listeners.size > 0) return;
      // The instance stays for a moment, and what is remembered with it.
      this.#release?.();
      this.#release = undefined;
    };
  };

  readonly update = (recipe: Recipe): Promise<void> => {
    if (!this.#release) return this.#site.update(recipe);
    const [tracked, change] = track(Object.assign((draft: never) => recipe(draft), {}));
    const promise = this.#site.update(tracked);
    if (change.before !== change.after || this.#site.getState() === undefined) {
      this.#done = [...this.#done, change].slice(-MOST_UPDATES);
      this.#undone = [];
    }
    this.#show();
    return promise;
  };

  readonly undo = (): Promise<readonly Path[]> => this.#takeBack(this.#done, this.#undone);

  readonly redo = (): Promise<readonly Path[]> => this.#takeBack(this.#undone, this.#done);

  readonly forget = (): void => {
    this.#done = [];
    this.#undone = [];
    this.#show();
  };

  /** The last of `from`, and remembers how that is taken back in its turn. */
  async #takeBack(from: Change[], to: Change[]): Promise<readonly Path[]> {
    for (let last = from.pop(); last; last = from.pop()) {
      const { before, after } = last;
      const { state, skipped } = revert(before, after, this.#site.getState());
      // One that was refused has left nothing to take back.
      if (state === this.#site.getState() && skipped.length === 0) continue;
      let left = skipped;
      const [tracked, change] = track(
        Object.assign(() => undefined, {
          transform: (now: Value) => {
            const reverted = revert(last.before, last.after, now);
            left = reverted.skipped;
            return reverted.state;
          },
        }),
      );
      const promise = this.#site.update(tracked);
      if (change.before !== change.after) to.push(change);
      this.#show();
      await promise;
      return left;
    }
    this.#show();
    return [];
  }

  #show(): void {
    const canUndo = this.#done.length > 0;
    const canRedo = this.#undone.length > 0;
    const before = this.#snapshot;
    if (before.canUndo === canUndo && before.canRedo === canRedo) return;
    this.#snapshot = { canUndo, canRedo };
    this.#listeners.notify();
  }
}

/** A recipe with what it has made of what, whenever it ran last. */
function track(recipe: Recipe): [Recipe, Change] {
  const change: Change = { before: undefined, after: undefined };
  const onMade = (before: Value, after: Value): void => {
    change.before = before;
    change.after = after;
  };
  return [Object.assign(recipe, { onMade }), change];
}
