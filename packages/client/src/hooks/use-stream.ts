import {
  type AppContract,
  decodeValue,
  encodeValue,
  type ModuleContract,
  type Primitive,
} from "@holdfast/protocol";
import type { Client } from "../client.ts";
import type { KeyedModuleName, ModuleName, ModuleOf } from "../contract.ts";
import type { ModuleHandle } from "../module-handle.ts";
import type { StreamPath, StreamSnapshot } from "../stream-handle.ts";
import type { HookRuntime } from "./hook-runtime.ts";

/**
 * A stream of a module, live: its text as it comes, and the final one for whoever comes later. The
 * component renders for its stream alone; text that comes faster than screens show it comes in pieces.
 *
 * @example
 * const { text, status, error } = useStream("assistant", "reply", { key: chatId });
 */
export interface UseStream<App extends AppContract> {
  /** A module with one instance for each client. */
  <Name extends Exclude<ModuleName<App>, KeyedModuleName<App>>>(
    module: Name,
    path: StreamPath<ModuleOf<App, Name>>,
    options?: { readonly key?: never },
  ): StreamSnapshot;
  /** A `named()` module: `key` says which instance. */
  <Name extends KeyedModuleName<App>>(
    module: Name,
    path: StreamPath<ModuleOf<App, Name>>,
    options: { readonly key: string },
  ): StreamSnapshot;
}

/** As it is implemented: the types above say what a caller may pass. */
type AnyModule = (name: string, key?: string) => Pick<ModuleHandle<ModuleContract>, "stream">;

export function createUseStreamWith<App extends AppContract>(
  { useMemo, useSyncExternalStore }: HookRuntime,
  client: Client<App>,
): UseStream<App> {
  return (
    module: string,
    path: string | readonly Primitive[],
    { key }: { readonly key?: string | undefined } = {},
  ): StreamSnapshot => {
    // Lists are written anew in every render, and mean the same.
    const place = encodeValue(path);
    const { getSnapshot, subscribe } = useMemo(() => {
      // True because the types ask for a key exactly where there is one.
      const open = client.module.bind(client) as unknown as AnyModule;
      // True because it was encoded just above.
      return open(module, key).stream(decodeValue(place) as readonly Primitive[]);
    }, [module, key, place]);
    return useSyncExternalStore(subscribe, getSnapshot, getSnapshot);
  };
}
