import type { AppContract } from "@holdfast/protocol";
import type { Client } from "../client.ts";
import type { KeyArguments, ModuleName, ModuleOf } from "../contract.ts";
import type { HistoryHandle, HistorySnapshot } from "../history/history.ts";
import type { HookRuntime } from "./hook-runtime.ts";

/** What `useHistory` returns; the functions are the same in every render. */
export type HistoryResult = HistorySnapshot & Pick<HistoryHandle, "undo" | "redo" | "clear">;

/**
 * Undo and redo of what this page does at an instance by `update`, in whatever component, while the
 * component of this hook is there. Only what the update itself has changed is taken back, and where
 * others have changed the same since, theirs stays. What actions do is not remembered.
 *
 * @example
 * const { undo, redo, canUndo, canRedo } = useHistory("board", { key });
 * <button disabled={!canUndo} onClick={() => void undo()}>Undo</button>
 */
export type UseHistory<App extends AppContract> = <Name extends ModuleName<App>>(
  name: Name,
  ...options: ModuleOf<App, Name>["keys"] extends "named"
    ? [options: { readonly key: string }]
    : [options?: { readonly key?: never }]
) => HistoryResult;

const ON_SERVER: HistorySnapshot = { canUndo: false, canRedo: false };

export function createUseHistoryWith<App extends AppContract>(
  { useMemo, useSyncExternalStore }: HookRuntime,
  client: Client<App>,
): UseHistory<App> {
  return <Name extends ModuleName<App>>(name: Name, options?: { readonly key?: string }) => {
    const key = options?.key;
    const handle = useMemo(() => {
      // True because the types ask for a key exactly where there is one.
      const named = (key === undefined ? [] : [key]) as KeyArguments<ModuleOf<App, Name>>;
      return client.module(name, ...named).history;
    }, [name, key]);
    const shown = useSyncExternalStore(handle.subscribe, handle.getSnapshot, () => ON_SERVER);
    return useMemo(() => {
      const { undo, redo, clear } = handle;
      return { ...shown, undo, redo, clear };
    }, [shown, handle]);
  };
}
