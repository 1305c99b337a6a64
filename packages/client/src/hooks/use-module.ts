import { type AppContract, EXPLAIN, HoldfastError, type ModuleContract } from "@holdfast/protocol";
import type { Client, PersistedOptions } from "../client.ts";
import type {
  ActionsOf,
  KeyedModuleName,
  ModuleName,
  ModuleOf,
  ReducersOf,
  StateOf,
} from "../contract.ts";
import { type InitialSnapshot, readInitialSnapshot } from "../initial-snapshot.ts";
import type { ConnectionHandle, ModuleHandle, ModuleSnapshot } from "../module-handle.ts";
import type { Restored } from "../store/store-snapshot.ts";
import type { Status } from "../status.ts";
import type { HookRuntime } from "./hook-runtime.ts";
import { Selection, type View, VIEW_KEYS } from "./selection.ts";
import { Suspensions } from "./suspensions.ts";

/** Options of `useModule`, apart from `key` and `optimistic`. */
export interface ModuleOptions<
  Module extends ModuleContract,
  Selected,
  Initial,
  Suspense extends boolean = boolean,
> {
  /**
   * What of the state the component needs; it renders again only when this changes. Not called
   * before there is a state.
   */
  readonly select?: (state: StateOf<Module>) => Selected;
  /** When two selected values are the same. Default: `Object.is`. */
  readonly equal?: (before: Selected, after: Selected) => boolean;
  /** Shown as `state` until there is one: like what `select` returns, or not. Never sent. */
  readonly initialState?: Initial;
  /** What the server has rendered the page with, from `createSnapshot`; goes on from there. */
  readonly initialSnapshot?: InitialSnapshot;
  /**
   * `true`: suspends until there is a state, for `<Suspense>`, and throws for an error boundary if
   * there will be none. On a server the fallback is rendered, unless there is an `initialSnapshot`.
   */
  readonly suspense?: Suspense;
  /** `true`: throws the error when `status` is `denied` or `closed`, for an error boundary. */
  readonly errorBoundary?: boolean;
  /** `false`: connects nothing and shows nothing. Default: `true`. */
  readonly enabled?: Suspense extends true ? true : boolean;
}

export interface OptimisticOption<Module extends ModuleContract> {
  /** Says beforehand what actions will do, so that they show at once. */
  readonly optimistic?: ReducersOf<Module>;
}

/** What `useModule` returns: read what the component shows, and it renders when that changes. */
export type ModuleResult<
  Module extends ModuleContract,
  Selected,
  Initial,
  Suspense extends boolean = false,
> = (Suspense extends true
  ? { readonly restored: true; readonly state: Selected }
  : Restored<
      Selected,
      // An initial state of the same shape is no case of its own.
      Initial extends Selected ? Selected : Initial
    >) & {
  /** The module's actions; the same functions in every render. */
  readonly actions: ActionsOf<Module>;
  /** Changes the state by a recipe, where the module lets clients write; the same in every render. */
  readonly update: ModuleHandle<Module>["update"];
  readonly status: Status;
  /** The number of unacknowledged actions, of all components of the page. */
  readonly pending: number;
  /** Why `status` is `denied` or `closed`, or why it takes so long to be `live`. */
  readonly error: HoldfastError | undefined;
};

/** The options that not every hook has: those of its kind. */
export type HookOptions<Module extends ModuleContract, Kind extends HookKind> = (Kind extends
  | "optimistic"
  | "optimistic persisted"
  ? OptimisticOption<Module>
  : unknown) &
  (Kind extends "persisted" | "optimistic persisted" ? PersistedOptions : unknown);

/** What a hook can do beside showing an instance. */
export type HookKind = "core" | "optimistic" | "persisted" | "optimistic persisted";

/**
 * One instance of a module, live. Every use on the page shares one connection and one state.
 *
 * @example
 * const { state, actions, restored } = useModule("counter");
 * if (!restored) return <Spinner />;
 * return <button onClick={() => actions.increment()}>{state.count}</button>;
 */
export interface UseModule<App extends AppContract, Kind extends HookKind = "optimistic"> {
  /** A module with one instance for each client: the server knows which. */
  <
    Name extends Exclude<ModuleName<App>, KeyedModuleName<App>>,
    Selected = StateOf<ModuleOf<App, Name>>,
    Initial = undefined,
    Suspense extends boolean = false,
  >(
    name: Name,
    options?: ModuleOptions<ModuleOf<App, Name>, Selected, Initial, Suspense> &
      HookOptions<ModuleOf<App, Name>, Kind> & { readonly key?: never },
  ): ModuleResult<ModuleOf<App, Name>, Selected, Initial, Suspense>;
  /** A `named()` module: `key` says which instance. */
  <
    Name extends KeyedModuleName<App>,
    Selected = StateOf<ModuleOf<App, Name>>,
    Initial = undefined,
    Suspense extends boolean = false,
  >(
    name: Name,
    options: ModuleOptions<ModuleOf<App, Name>, Selected, Initial, Suspense> &
      HookOptions<ModuleOf<App, Name>, Kind> & { readonly key: string },
  ): ModuleResult<ModuleOf<App, Name>, Selected, Initial, Suspense>;
}

/**
 * `useModule`, kept in this browser: the state is shown at once when the page comes back, offline as
 * well, and actions that are unacknowledged when a page dies are sent by the next one.
 */
export type UsePersistedModule<
  App extends AppContract,
  Kind extends HookKind = "optimistic persisted",
> = UseModule<App, Kind>;

/** As `useModule` is implemented: the types above say what a caller may pass. */
type Options = ModuleOptions<ModuleContract, unknown, unknown> &
  PersistedOptions & {
    readonly key?: string;
    readonly persisted?: boolean;
    readonly optimistic?: ReducersOf<ModuleContract>;
  };

type OpenHandle = (
  name: string,
  key: string | undefined,
  options: PersistedOptions | undefined,
) => ModuleHandle<ModuleContract>;

const DISABLED: ModuleSnapshot<never> = {
  restored: false,
  state: undefined,
  status: "closed",
  pending: 0,
  error: undefined,
};

const ON_SERVER: ModuleSnapshot<never> = { ...DISABLED, status: "connecting" };

/** The function of the client that gives the handle. */
type Kind = "module" | "persistedModule" | "connection";

export function createUseModule<App extends AppContract, Can extends HookKind>(
  runtime: HookRuntime,
  client: Client<App>,
  kind: Kind,
): UseModule<App, Can> {
  const { useMemo, useRef, useEffect, useSyncExternalStore } = runtime;
  // True because inside nothing is known of the contract that the caller's types keep.
  const openHandle = (client[kind] as unknown as OpenHandle).bind(client);
  const suspensions = new Suspensions();

  function useModule(name: string, options: Options = {}): object {
    const { key, version, enabled = true, suspense, errorBoundary, optimistic } = options;
    // A module says by its hook whether it is kept in the browser, a connection by the option.
    const { persisted = kind !== "connection" } = options;
    const { select, equal = Object.is, initialState, initialSnapshot } = options;

    const reducers = useRef(optimistic);
    const { handle, selection, functions } = useMemo(() => {
      const opened = openHandle(name, key, persisted ? { version } : undefined);
      return {
        handle: opened,
        selection: new Selection(opened),
        functions: functionsOf(opened, kind, () => reducers.current),
      };
    }, [name, key, version, persisted]);
    useEffect(() => {
      reducers.current = optimistic;
    });

    const [getView, getServerView] = useMemo(() => {
      const shown = { select, equal, initialState };
      const view = selection.viewer(shown, enabled ? undefined : DISABLED);
      let serverView: (() => View) | undefined;
      return [
        () => {
          // In here, since on a server, where this is not called, the client is shared by all requests.
          if (initialSnapshot !== undefined && enabled) handle.hydrate(initialSnapshot);
          return view();
        },
        () => {
          serverView ??= selection.viewer(shown, onServer(enabled, initialSnapshot, suspense));
          return serverView();
        },
      ] as const;
    }, [handle, selection, select, equal, initialState, enabled, suspense, initialSnapshot]);
    const view = useSyncExternalStore(
      enabled ? handle.subscribe : subscribeToNothing,
      getView,
      getServerView,
    );
    useEffect(() => selection.committed(view));
    const result = useMemo(
      () => resultOf(selection, view, functions),
      [selection, view, functions],
    );
    if (!enabled || !(suspense || errorBoundary)) return result;
    // Read like a component does: it has to be rendered again when they change.
    const isMissing = suspense && !selection.read(view, "restored");
    const status = selection.read(view, "status");
    if ((status === "denied" || status === "closed") && (errorBoundary || isMissing)) {
      throw selection.read(view, "error");
    }
    // oxlint-disable-next-line typescript/only-throw-error -- this is how a component suspends
    if (isMissing) throw suspensions.until(handle);
    return result;
  }

  // True because the types above only narrow what the implementation takes and returns.
  return useModule as unknown as UseModule<App, Can>;
}

/** Getters, so that the selection learns what the component reads. */
function resultOf(selection: Selection, view: View, functions: object): object {
  const result = { ...functions };
  for (const name of VIEW_KEYS) {
    Object.defineProperty(result, name, {
      enumerable: true,
      get: () => selection.read(view, name),
    });
  }
  return result;
}

/** Each is the same function in every render. */
function functionsOf(
  handle: ModuleHandle<ModuleContract>,
  kind: Kind,
  reducers: () => ReducersOf<ModuleContract> | undefined,
): object {
  const actions = handle.optimistic(reducers);
  if (kind !== "connection") return { actions, update: handle.update };
  // True because this is what `client.connection` gives.
  const { emit } = handle as unknown as ConnectionHandle<ModuleContract>;
  return {
    emit: (event: string, data: never) =>
      reducers()?.[event] ? actions[event]?.(data) : emit(event, data),
    on: (event: never, listener: never) => handle.on(event, listener),
  };
}

/** What a server renders, and a browser to begin with where a server has. */
function onServer(
  enabled: boolean,
  initialSnapshot: InitialSnapshot | undefined,
  suspense: boolean | undefined,
): ModuleSnapshot<unknown> {
  if (!enabled) return DISABLED;
  if (initialSnapshot !== undefined) {
    return { ...ON_SERVER, restored: true, state: readInitialSnapshot(initialSnapshot).state };
  }
  if (!suspense) return ON_SERVER;
  // React renders the fallback of `<Suspense>`, and leaves the rest to the browser.
  throw new HoldfastError(
    "CLOSED",
    EXPLAIN &&
      "The component suspends, and on a server nothing connects: the fallback is rendered instead. Pass { initialSnapshot } to render the state.",
  );
}

function subscribeToNothing(): () => void {
  return () => undefined;
}
