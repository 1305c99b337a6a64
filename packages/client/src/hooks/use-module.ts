import type { AppContract, HoldfastError, ModuleContract } from "@holdfast/protocol";
import type { Client } from "../client.ts";
import type {
  ActionsOf,
  KeyedModuleName,
  ModuleName,
  ModuleOf,
  ReducersOf,
  StateOf,
} from "../contract.ts";
import type { ModuleHandle, ModuleSnapshot } from "../module-handle.ts";
import type { Restored } from "../store/store-snapshot.ts";
import type { Status } from "../status.ts";
import type { HookRuntime } from "./hook-runtime.ts";
import { Selection, type View, VIEW_KEYS } from "./selection.ts";

/** Options of `useModule`, apart from `key` and `optimistic`. */
export interface ModuleOptions<Module extends ModuleContract, Selected, Initial> {
  /**
   * What of the state the component needs; it renders again only when this changes. Not called
   * before there is a state.
   */
  readonly select?: (state: StateOf<Module>) => Selected;
  /** When two selected values are the same. Default: `Object.is`. */
  readonly equal?: (before: Selected, after: Selected) => boolean;
  /** Shown as `state` until there is one: like what `select` returns, or not. Never sent. */
  readonly initialState?: Initial;
  /** `false`: connects nothing and shows nothing. Default: `true`. */
  readonly enabled?: boolean;
}

export interface OptimisticOption<Module extends ModuleContract> {
  /** Says beforehand what actions will do, so that they show at once. */
  readonly optimistic?: ReducersOf<Module>;
}

/** What `useModule` returns: read what the component shows, and it renders when that changes. */
export type ModuleResult<Module extends ModuleContract, Selected, Initial> = Restored<
  Selected,
  // An initial state of the same shape is no case of its own.
  Initial extends Selected ? Selected : Initial
> & {
  /** The module's actions; the same functions in every render. */
  readonly actions: ActionsOf<Module>;
  readonly status: Status;
  /** The number of unacknowledged actions, of all components of the page. */
  readonly pending: number;
  /** Why `status` is `denied` or `closed`, or why it takes so long to be `live`. */
  readonly error: HoldfastError | undefined;
};

/**
 * One instance of a module, live. Every use on the page shares one connection and one state.
 *
 * @example
 * const { state, actions, restored } = useModule("counter");
 * if (!restored) return <Spinner />;
 * return <button onClick={() => actions.increment()}>{state.count}</button>;
 */
export interface UseModule<App extends AppContract> {
  /** A module with one instance for each client: the server knows which. */
  <
    Name extends Exclude<ModuleName<App>, KeyedModuleName<App>>,
    Selected = StateOf<ModuleOf<App, Name>>,
    Initial = undefined,
  >(
    name: Name,
    options?: ModuleOptions<ModuleOf<App, Name>, Selected, Initial> &
      OptimisticOption<ModuleOf<App, Name>> & { readonly key?: never },
  ): ModuleResult<ModuleOf<App, Name>, Selected, Initial>;
  /** A `named()` module: `key` says which instance. */
  <Name extends KeyedModuleName<App>, Selected = StateOf<ModuleOf<App, Name>>, Initial = undefined>(
    name: Name,
    options: ModuleOptions<ModuleOf<App, Name>, Selected, Initial> &
      OptimisticOption<ModuleOf<App, Name>> & { readonly key: string },
  ): ModuleResult<ModuleOf<App, Name>, Selected, Initial>;
}

/** `useModule` without `optimistic`. */
export interface UseCoreModule<App extends AppContract> {
  <
    Name extends Exclude<ModuleName<App>, KeyedModuleName<App>>,
    Selected = StateOf<ModuleOf<App, Name>>,
    Initial = undefined,
  >(
    name: Name,
    options?: ModuleOptions<ModuleOf<App, Name>, Selected, Initial> & { readonly key?: never },
  ): ModuleResult<ModuleOf<App, Name>, Selected, Initial>;
  <Name extends KeyedModuleName<App>, Selected = StateOf<ModuleOf<App, Name>>, Initial = undefined>(
    name: Name,
    options: ModuleOptions<ModuleOf<App, Name>, Selected, Initial> & { readonly key: string },
  ): ModuleResult<ModuleOf<App, Name>, Selected, Initial>;
}

/** As `useModule` is implemented: the types above say what a caller may pass. */
type Options = ModuleOptions<ModuleContract, unknown, unknown> & {
  readonly key?: string;
  readonly optimistic?: ReducersOf<ModuleContract>;
};

const DISABLED: ModuleSnapshot<never> = {
  restored: false,
  state: undefined,
  status: "closed",
  pending: 0,
  error: undefined,
};

const ON_SERVER: ModuleSnapshot<never> = { ...DISABLED, status: "connecting" };

export function createUseModule<App extends AppContract>(
  runtime: HookRuntime,
  client: Client<App>,
): UseModule<App> {
  const { useMemo, useRef, useEffect, useSyncExternalStore } = runtime;
  // True because inside nothing is known of the contract that the caller's types keep.
  const openHandle = client.module.bind(client) as unknown as (
    name: string,
    key: string | undefined,
  ) => ModuleHandle<ModuleContract>;

  function useModule(name: string, options: Options = {}): object {
    const { key, select, equal = Object.is, initialState, enabled = true, optimistic } = options;

    const handle = useMemo(() => openHandle(name, key), [name, key]);
    const reducers = useRef(optimistic);
    useEffect(() => {
      reducers.current = optimistic;
    });
    const actions = useMemo(() => handle.optimistic(() => reducers.current), [handle]);

    const selection = useMemo(() => new Selection(handle), [handle]);
    const shown = useMemo(() => ({ select, equal, initialState }), [select, equal, initialState]);
    const getView = useMemo(
      () => selection.viewer(shown, enabled ? undefined : DISABLED),
      [selection, shown, enabled],
    );
    const getServerView = useMemo(
      () => selection.viewer(shown, enabled ? ON_SERVER : DISABLED),
      [selection, shown, enabled],
    );
    const view = useSyncExternalStore(
      enabled ? handle.subscribe : subscribeToNothing,
      getView,
      getServerView,
    );
    useEffect(() => selection.committed(view));
    return useMemo(() => resultOf(selection, view, actions), [selection, view, actions]);
  }

  // True because the types above only narrow what the implementation takes and returns.
  return useModule as unknown as UseModule<App>;
}

/** Getters, so that the selection learns what the component reads. */
function resultOf(selection: Selection, view: View, actions: object): object {
  const result = { actions };
  for (const name of VIEW_KEYS) {
    Object.defineProperty(result, name, {
      enumerable: true,
      get: () => selection.read(view, name),
    });
  }
  return result;
}

function subscribeToNothing(): () => void {
  return () => undefined;
}
