import {
  type ActionContract,
  cloneValue,
  HoldfastError,
  kindOf,
  type KeyMode,
  type ValueObject,
} from "@holdfast/protocol";
import type { ActionContext } from "./action-context.ts";
import type {
  ActionDefinition,
  ActionHandler,
  BuiltContract,
  Isolation,
  ModuleDefinition,
} from "./definition.ts";
import type { KeyChangeHook } from "./key-change.ts";
import type { KeyStrategy } from "./key-strategy.ts";
import type { DurableObjectStore } from "./store.ts";
import type { View } from "./view.ts";

/** Options of `defineState`. */
export interface StateOptions {
  /** What storage calls the module. Default: its key in `modules`. */
  readonly name?: string;
  /** The version of the state's shape, an integer from 1. Default: 1. */
  readonly version?: number;
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
  ): ModuleBuilder<State, Record<never, never>, KeyMode>;
}

/** Options of `onAction`. */
export interface ActionOptions {
  /** For a function that returns a promise without being an `async function`. */
  readonly async?: boolean;
  /** After so many milliseconds an asynchronous handler is abandoned. Default: 30,000. */
  readonly timeout?: number;
  /** Default: `"default"`. */
  readonly isolation?: Isolation;
  /** For a synchronous handler that uses `sql` by way of others, so that its own text does not say so. */
  readonly sql?: boolean;
}

/** What an action adds to the contract of its module. */
export type AddedAction<
  Name extends string,
  Parameters extends readonly unknown[],
  Result,
> = Record<Name, { readonly parameters: Parameters; readonly result: Awaited<Result> }>;

/** A module in the making. Every step returns a builder that knows more. */
export interface ModuleBuilder<
  State extends object,
  Actions extends Record<string, ActionContract>,
  Keys extends KeyMode,
  Private extends string = never,
> {
  /** Says where the state is kept, and which instance a client reaches. */
  persist<Mode extends KeyMode>(
    store: DurableObjectStore<Mode>,
  ): ModuleBuilder<State, Actions, Mode, Private>;

  /**
   * Says what each viewer sees: patches of hidden places are left out, values are pruned. Asked when
   * a connection comes, with who it is, and never with the state. A function that throws lets nobody
   * in.
   *
   * @throws HoldfastError `DEFINITION_INVALID` when there is a view already
   *
   * @example
   * .view((viewer) => ({ hide: ["hands.*"], show: [`hands.${viewer.user.id}`] }))
   */
  view(view: View): ModuleBuilder<State, Actions, Keys, Private>;

  /**
   * Hides keys of the state from every client, whatever a view shows. Their types are not in what
   * clients see either.
   *
   * @throws HoldfastError `DEFINITION_INVALID` for a key that the state does not have
   */
  private<Key extends keyof State & string>(
    keys: readonly Key[],
  ): ModuleBuilder<State, Actions, Keys, Private | Key>;

  /**
   * Adds an action. All changes of a synchronous handler become one durable commit, or, when it
   * throws, leave no trace. An `async` one is isolated: it sees committed state and its own writes,
   * and nobody sees its writes before it ends or calls `commit()`. What it returns is the caller's
   * result.
   *
   * @throws HoldfastError `DEFINITION_INVALID` for a name taken or empty, or options that are none
   */
  onAction<Name extends string, Parameters extends [payload?: unknown] = [], Result = void>(
    name: Name,
    handler: (context: ActionContext<State>, ...parameters: Parameters) => Result,
  ): ModuleBuilder<State, Actions & AddedAction<Name, Parameters, Result>, Keys, Private>;
  onAction<Name extends string, Parameters extends [payload?: unknown] = [], Result = void>(
    name: Name,
    options: ActionOptions,
    handler: (context: ActionContext<State>, ...parameters: Parameters) => Result,
  ): ModuleBuilder<State, Actions & AddedAction<Name, Parameters, Result>, Keys, Private>;

  /**
   * Where the key is derived from the state (`withKey`): runs in the commit that a session arrives
   * with, on the state of its new key.
   *
   * @example
   * .onKeyChange((state, { guest }) => {
   *   for (const item of guest?.cart ?? []) state.cart.push(item);
   * })
   */
  onKeyChange(hook: KeyChangeHook<State>): ModuleBuilder<State, Actions, Keys>;

  /** @throws HoldfastError `DEFINITION_INVALID` when nothing says where the state is kept */
  build(): ModuleDefinition<BuiltContract<Visible<State, Private>, Actions, Keys>>;
}

/** What of a state clients see of it at most. */
export type Visible<State, Private extends string> = [Private] extends [never]
  ? State
  : Omit<State, Private>;

/** Where every module begins. */
export const app: ModuleFactory = {
  defineState(initial, options = {}) {
    return builder({
      name: checkedName(options.name),
      version: checkedVersion(options.version ?? 1),
      initial: checkedInitial(initial),
      strategy: undefined,
      actions: new Map(),
      view: undefined,
      private: [],
    });
  },
};

interface Draft extends Omit<ModuleDefinition, "strategy"> {
  readonly strategy: KeyStrategy | undefined;
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
>(draft: Draft): ModuleBuilder<State, Actions, Keys, Private> {
  return {
    persist: (store) => builder({ ...draft, strategy: store.strategy }),
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
    onAction: (name: string, ...rest: readonly unknown[]) => {
      const [options, handler] =
        rest.length > 1 ? [rest[0] as ActionOptions, rest[1]] : [{}, rest[0]];
      const actions = new Map(draft.actions);
      actions.set(checkedActionName(name, actions), checkedAction(name, options, handler));
      return builder({ ...draft, actions });
    },
    // The hook is given the state of its own module.
    onKeyChange: (hook) => builder({ ...draft, onKeyChange: hook as KeyChangeHook }),
    build: () => {
      const { strategy } = draft;
      if (!strategy) {
        throw new HoldfastError(
          "DEFINITION_INVALID",
          "The module does not say where its state is kept. Add .persist(durableObjectStore(global())) or named() before .build().",
        );
      }
      checkDerived(strategy, draft.initial);
      // Types only: the contract is never there at run time.
      return { ...draft, strategy } as ModuleDefinition<
        BuiltContract<Visible<State, Private>, Actions, Keys>
      >;
    },
  };
}

/** A session that has done nothing yet belongs to nobody. */
function checkDerived(strategy: KeyStrategy, initial: ValueObject): void {
  if (strategy.type !== "derived") return;
  // A copy: the function is the author's, and the initial state everybody's.
  const key = strategy.keyOf(cloneValue(initial) as ValueObject) ?? null;
  if (key === null) return;
  throw new HoldfastError(
    "DEFINITION_INVALID",
    `withKey() gives a key for the initial state (${String(key)}), so every session would have it. Let it give null until somebody is logged in, or use global() or user().`,
  );
}

function checkedInitial(initial: object): ValueObject {
  if (kindOf(initial) !== "object") {
    throw new HoldfastError(
      "DEFINITION_INVALID",
      "The state of a module is a plain object. Put arrays, Maps and the like inside one: defineState({ items: [] }).",
    );
  }
  // A clone of a plain object is a plain object, checked through and through.
  return cloneValue(initial) as ValueObject;
}

function checkKeys(keys: readonly string[], initial: ValueObject, step: string): void {
  const missing = keys.find((key) => !Object.hasOwn(initial, key));
  if (missing === undefined) return;
  throw new HoldfastError(
    "DEFINITION_INVALID",
    `.${step}() names "${missing}", which the state does not begin with. Name keys of the state itself; is it misspelt?`,
  );
}

function checkedName(name: string | undefined): string | undefined {
  if (name === "") {
    throw new HoldfastError(
      "DEFINITION_INVALID",
      "The name of a module is empty. Leave it out instead.",
    );
  }
  return name;
}

function checkedVersion(version: number): number {
  if (Number.isSafeInteger(version) && version >= 1) return version;
  throw new HoldfastError(
    "DEFINITION_INVALID",
    `The version of a state is an integer from 1, not ${version}.`,
  );
}

function checkedActionName(name: string, actions: ReadonlyMap<string, ActionDefinition>): string {
  if (name === "") throw new HoldfastError("DEFINITION_INVALID", "The name of an action is empty.");
  if (actions.has(name)) {
    throw new HoldfastError(
      "DEFINITION_INVALID",
      `The action "${name}" is defined twice. Give one of them another name.`,
    );
  }
  return name;
}

const TIMEOUT_MS = 30_000;

function checkedAction(name: string, options: ActionOptions, handler: unknown): ActionDefinition {
  const { timeout = TIMEOUT_MS, isolation = "default" } = options;
  if (typeof handler !== "function") {
    throw new HoldfastError("DEFINITION_INVALID", `The handler of "${name}" is not a function.`);
  }
  if (!(Number.isFinite(timeout) && timeout > 0)) {
    throw new HoldfastError(
      "DEFINITION_INVALID",
      `The timeout of "${name}" is a number of milliseconds above 0, not ${String(timeout)}.`,
    );
  }
  return {
    // The engine gives every handler the state of its own module, and the payload as it was sent;
    // that the payload has the declared type is the author's word until a schema checks it.
    handler: handler as ActionHandler,
    // An async function says so by its class; one that merely returns a promise has to be told.
    async: options.async ?? handler.constructor.name === "AsyncFunction",
    timeout,
    isolation,
    sql: options.sql ?? mentionsSql(handler),
  };
}

/** Whether the code of a function or class speaks of `sql`. */
export function mentionsSql(code: object): boolean {
  return /\bsql\b/.test(Function.prototype.toString.call(code));
}
