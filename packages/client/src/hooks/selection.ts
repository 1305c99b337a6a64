import type { ModuleSnapshot } from "../module-handle.ts";

/** What one use of the hook shows. */
export interface View {
  restored: boolean;
  /** The selected state; before `restored` the initial one. */
  state: unknown;
  status: ModuleSnapshot<unknown>["status"];
  pending: number;
  error: ModuleSnapshot<unknown>["error"];
}

export const VIEW_KEYS: readonly (keyof View)[] = [
  "restored",
  "state",
  "status",
  "pending",
  "error",
];

export interface SelectionOptions {
  readonly select: ((state: never) => unknown) | undefined;
  readonly equal: (before: never, after: never) => boolean;
  readonly initialState: unknown;
}

/**
 * What one component has read, and what it was shown. It renders again when something that it reads
 * has changed, and only then: one that shows no `pending` does not notice actions come and go.
 */
export class Selection {
  readonly #source: () => ModuleSnapshot<unknown>;
  readonly #used = new Set<keyof View>();
  #shown: View | undefined;

  constructor(handle: { readonly getSnapshot: () => ModuleSnapshot<unknown> }) {
    this.#source = handle.getSnapshot;
  }

  /**
   * The view of the handle's snapshot, in a function that gives the same object as long as nothing
   * changed that the component reads.
   *
   * @param fixed what to show instead of the handle's snapshot
   */
  viewer(options: SelectionOptions, fixed?: ModuleSnapshot<unknown>): () => View {
    let seen: ModuleSnapshot<unknown> | undefined;
    let view: View | undefined;
    return () => {
      const snapshot = fixed ?? this.#source();
      if (view && snapshot === seen) return view;
      const before = view ?? this.#shown;
      const next = viewOf(snapshot, options, before);
      seen = snapshot;
      view = before && this.#looksSame(before, next) ? Object.assign(before, next) : next;
      return view;
    };
  }

  /** The view was shown on screen: the next one is compared with it. */
  committed(view: View): void {
    this.#shown = view;
  }

  /** `view[name]`, noting that the component reads it. */
  read<Name extends keyof View>(view: View, name: Name): View[Name] {
    this.#used.add(name);
    return view[name];
  }

  #looksSame(before: View, next: View): boolean {
    for (const name of this.#used) if (!Object.is(before[name], next[name])) return false;
    return true;
  }
}

function viewOf(
  snapshot: ModuleSnapshot<unknown>,
  { select, equal, initialState }: SelectionOptions,
  before: View | undefined,
): View {
  const { restored, status, pending, error } = snapshot;
  if (!restored) return { restored, state: initialState, status, pending, error };
  // True because the hook's types tie the functions to the state of the module.
  const selected = select ? select(snapshot.state as never) : snapshot.state;
  const isEqual = before?.restored && equal(before.state as never, selected as never);
  return { restored, state: isEqual ? before.state : selected, status, pending, error };
}
