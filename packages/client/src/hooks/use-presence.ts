import type { AppContract } from "@holdfast/protocol";
import type { Client } from "../client.ts";
import type { KeyArguments, ModuleOf, PresenceOf, PresentModuleName } from "../contract.ts";
import type { PresenceHandle, PresenceSnapshot } from "../presence.ts";
import type { HookRuntime } from "./hook-runtime.ts";

/** What `usePresence` returns. */
export interface PresenceResult<Shown> extends PresenceSnapshot<Shown> {
  /** Shows a value to the others; the same function in every render. See `PresenceHandle.set`. */
  readonly set: (value: Shown | undefined) => void;
}

/** The options of `usePresence`: the key of a `named()` module. */
export type PresenceOptions<Keys> = Keys extends "named"
  ? [options: { readonly key: string }]
  : [options?: { readonly key?: never }];

/**
 * What the users of an instance show of themselves to each other while they are there, like cursors
 * and who is typing; of modules that declare `.presence()`. In no state: it is gone with the page.
 *
 * @example
 * const { others, set } = usePresence("board", { key });
 * <div onPointerMove={(event) => set({ x: event.clientX, y: event.clientY })}>
 */
export type UsePresence<App extends AppContract> = <Name extends PresentModuleName<App>>(
  name: Name,
  ...options: PresenceOptions<ModuleOf<App, Name>["keys"]>
) => PresenceResult<PresenceOf<ModuleOf<App, Name>>>;

const ON_SERVER: PresenceSnapshot<never> = { mine: undefined, others: [] };

export function createUsePresenceWith<App extends AppContract>(
  { useMemo, useSyncExternalStore }: HookRuntime,
  client: Client<App>,
): UsePresence<App> {
  function usePresence<Name extends PresentModuleName<App>>(
    name: Name,
    options?: { readonly key?: string },
  ): PresenceResult<unknown> {
    const key = options?.key;
    const handle = useMemo(() => {
      // True because the types ask for a key exactly where there is one.
      const named = (key === undefined ? [] : [key]) as KeyArguments<ModuleOf<App, Name>>;
      return client.module(name, ...named).presence as PresenceHandle<unknown>;
    }, [name, key]);
    const shown = useSyncExternalStore(handle.subscribe, handle.getSnapshot, () => ON_SERVER);
    return useMemo(() => ({ ...shown, set: handle.set }), [shown, handle]);
  }
  // True because the types above only say what a caller may pass, and of what type that is.
  return usePresence as unknown as UsePresence<App>;
}
