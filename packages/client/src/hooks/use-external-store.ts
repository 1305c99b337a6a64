import { useLayoutEffect, useReducer, useRef } from "preact/hooks";
import type { HookRuntime } from "./hook-runtime.ts";

/**
 * Preact's own hooks have none of that name, and `preact/compat` is not to be needed. Read while
 * rendering, looked at again when the outcome is in the page, and followed from before it is painted:
 * no change is missed in between, and none is shown twice.
 */
export const useSyncExternalStore: HookRuntime["useSyncExternalStore"] = (
  subscribe,
  getSnapshot,
  getServerSnapshot,
) => {
  const [, renderAgain] = useReducer((renders: number, _: undefined) => renders + 1, 0);
  // Preact does not say whether it renders on a server. There it has no page to render into.
  const snapshot = typeof document === "undefined" ? getServerSnapshot() : getSnapshot();
  const shownRef = useRef({ snapshot, getSnapshot });

  useLayoutEffect(() => {
    shownRef.current = { snapshot, getSnapshot };
    if (hasChanged(shownRef.current)) renderAgain(undefined);
  }, [snapshot, getSnapshot]);

  useLayoutEffect(() => {
    const look = (): void => {
      if (hasChanged(shownRef.current)) renderAgain(undefined);
    };
    look();
    return subscribe(look);
  }, [subscribe]);

  return snapshot;
};

interface Shown {
  readonly snapshot: unknown;
  readonly getSnapshot: () => unknown;
}

function hasChanged({ snapshot, getSnapshot }: Shown): boolean {
  try {
    return !Object.is(snapshot, getSnapshot());
  } catch {
    // Whoever renders it throws it where an error boundary is.
    return true;
  }
}
