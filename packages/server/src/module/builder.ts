import { HoldfastError, type ActionContract, type KeyMode } from "@holdfast/protocol";
import type { Authorize } from "./authorize.ts";
import {
  checkedAction,
  checkedActionName,
  checkedInitial,
  checkedMigrate,
  checkedName,
  checkDerived,
  checkExpire,
  checkedVersion,
  checkHook,
  checkStrategy,
  checkKeys,
} from "./check-definition.ts";
import { clientWrites } from "./client-writes.ts";
import type { BuiltContract, ModuleDefinition } from "./definition.ts";
import type { MigrateStep } from "./migrate-step.ts";
import {
  type ConnectionHook,
  type CreatedHook,
  type ExpireHook,
  type ModuleHooks,
  NO_HOOKS,
} from "./hooks.ts";
import type { KeyChangeHook } from "./key-change.ts";
import { type DerivedStrategy, keyedBy, type KeyStrategy, session } from "./key-strategy.ts";
import { homeOf, type StateStore, type StoreOptions } from "./state-store.ts";
import type { DurableObjectStore } from "./store.ts";
import type { StandardSchema } from "./standard-schema.ts";
import type { ActionOptions, AddedAction, ModuleBuilder, Visible } from "./module-builder.ts";

/** Options of `defineState`. */
export interface StateOptions {
  /** What storage calls the module. Default: its key in `modules`. */
  readonly name?: string;
  /** The version of the state's shape, an integer from 1. Default: 1. */
  readonly version?: number;
  /**
   * The step to each version: `{ 2: (old) => ({ ...old, added: 1 }) }`. Steps run in order, in one
   * commit, when an instance comes into memory whose state is of an older version. New fields of the
   * initial state need none.
   */
  readonly migrate?: Readonly<Record<number, MigrateStep>>;
  /**
   * Any validator of the Standard Schema, synchronous. Every state that is restored, migrated or
   * imported is held against it. What an action writes is not: that would cost the whole state each
   * time.
   */
  readonly schema?: StandardSchema;
}

/** Where every module begins. */
export interface ModuleFactory {
  /**
   * Begins a module with the state of a new instance: a plain object of values that Holdfast can
   * store (G11).
   *
   * @throws HoldfastError `VALUE_UNSUPPORTED` or `VALUE_TOO_DEEP`, naming the path;
   * `DEFINITION_INVALID` for a state that is not a plain object
   *
   * @example
   * const counter = app
   *   .defineState({ count: 0 })
   *   .persist(durableObjectStore(global()))
   *   .onAction("increment", ({ state }, by: number = 1) => (state.count += by))
   *   .build();
   */
  defineState<State extends object>(
    initial: State,
    options?: StateOptions,
  ): ModuleBuilder<State, Record<never, never>, "fixed">;
}

/** Where every module begins. */
export const app: ModuleFactory = {
  defineState(initial, options = {}) {
    return builder({
      name: checkedName(options.name),
      version: checkedVersion(options.version ?? 1),
      migrate: checkedMigrate(options.migrate ?? {}, options.version ?? 1),
      initial: checkedInitial(initial, options.schema),
      schema: options.schema,
      strategy: undefined,
      actions: new Map(),
      view: undefined,
      private: [],
      ephemeral: [],
      isPersisted: false,
      authorize: undefined,
      hooks: NO_HOOKS,
    });
  },
};

interface Draft extends Omit<ModuleDefinition, "strategy" | "ephemeral"> {
  readonly ephemeral: readonly string[];
  /** Of `key` or `persist`. */
  readonly strategy: KeyStrategy | undefined;
  readonly isPersisted: boolean;
}

/**
 * Immutable: every step is a builder of its own, so a half-built module may be built upon twice. The
 * type parameters are the author's words; the draft does not hold them.
 */
function builder<
  State extends object,
  Actions extends Record<string, ActionContract>,
  Keys extends KeyMode,
  Private extends string,
  Events,
  Presence,
>(draft: Draft): ModuleBuilder<State, Actions, Keys, Private, Events, Presence> {
  function hooked<Name extends keyof ModuleHooks>(
    name: Name,
    hook: NonNullable<ModuleHooks[Name]>,
  ): ModuleBuilder<State, Actions, Keys, Private, Events, Presence> {
    checkHook(name, hook, draft.hooks[name]);
    return builder({ ...draft, hooks: { ...draft.hooks, [name]: hook } });
  }
  return {
    persist: (
      store: DurableObjectStore<KeyMode, State> | StateStore<State>,
      options?: StoreOptions,
    ) => {
      checkStrategy(draft.strategy);
      const kept =
        "strategy" in store
          ? // The engine asks it with the state of its own module.
            { strategy: store.strategy as KeyStrategy }
          : {
              strategy: keyedBy(store as StateStore, options),
              home: homeOf(store as StateStore, options),
            };
      // The overloads say what becomes of the keys; the draft does not hold types.
      return builder<State, Actions, never, Private, Events, Presence>({
        ...draft,
        ...kept,
        isPersisted: true,
      }) as never;
    },
    key: <Mode extends KeyMode>(
      strategy: KeyStrategy<Mode, State> | DerivedStrategy<State>,
    ): ModuleBuilder<State, Actions, Mode, Private, Events, Presence> => {
      checkStrategy(draft.strategy);
      // As above.
      return builder({ ...draft, strategy: strategy as KeyStrategy });
    },
    ephemeral: (keys) => {
      checkKeys(keys, draft.initial, "ephemeral");
      return builder({ ...draft, ephemeral: [...new Set([...draft.ephemeral, ...keys])] });
    },
    events: () => builder(draft),
    // The overloads say what is shown; the draft does not hold types.
    presence: (schema?: StandardSchema) => builder({ ...draft, presence: { schema } }) as never,
    view: (view) => {
      if (typeof view !== "function" || draft.view) {
        throw new HoldfastError(
          "DEFINITION_INVALID",
          "A module has one view, which is a function: .view((viewer) => ({ hide: […] })).",
        );
      }
      return builder({ ...draft, view });
    },
    private: (keys) => {
      checkKeys(keys, draft.initial, "private");
      return builder({ ...draft, private: [...new Set([...draft.private, ...keys])] });
    },
    authorize: (authorize) => {
      checkHook("authorize", authorize, draft.authorize);
      // The engine gives it the state of its own module.
      return builder({ ...draft, authorize: authorize as Authorize });
    },
    // The engine gives each hook the state and the context of its own module.
    onCreated: (hook) => hooked("created", hook as CreatedHook),
    onConnect: (hook) => hooked("connect", hook as unknown as ConnectionHook),
    onDisconnect: (hook) => hooked("disconnect", hook as unknown as ConnectionHook),
    onError: (hook) => hooked("error", hook),
    onPersistError: (hook) => hooked("persistError", hook),
    onRestoreError: (hook) => hooked("restoreError", hook),
    onKeyChange: (hook) => hooked("keyChange", hook as KeyChangeHook),
    onExpire: (hook) => hooked("expire", hook as ExpireHook),
    onAction: (name: string, ...rest: readonly unknown[]) => {
      const [options, handler] =
        rest.length > 1 ? [rest[0] as ActionOptions, rest[1]] : [{}, rest[0]];
      const actions = new Map(draft.actions);
      actions.set(checkedActionName(name, actions), checkedAction(name, options, handler));
      // The overloads say what is added; the draft does not hold types.
      return builder<
        State,
        Actions & AddedAction<string, never, never>,
        Keys,
        Private,
        Events,
        Presence
      >({
        ...draft,
        actions,
      }) as never;
    },
    clientWrites: (options) => builder({ ...draft, clientWrites: clientWrites(options) }),
    build: () => {
      const { strategy = session(), isPersisted, ...definition } = draft;
      const ephemeral = isPersisted ? draft.ephemeral : "all";
      checkDerived(strategy, draft.initial);
      checkExpire(strategy, draft.hooks.expire);
      // Types only: the contract is never there at run time.
      return { ...definition, strategy, ephemeral } as ModuleDefinition<
        BuiltContract<Visible<State, Private>, Actions, Keys, Events, Presence>
      >;
    },
  };
}
