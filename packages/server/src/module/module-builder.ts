import type { ClientWriteOptions } from "./client-writes.ts";
import type { ActionContract, KeyMode } from "@holdfast/protocol";
import type { ActionContext } from "./action-context.ts";
import type { Authorize } from "./authorize.ts";
import type { BuiltContract, Isolation, ModuleDefinition } from "./definition.ts";
import type {
  ConnectionHook,
  CreatedHook,
  ErrorHook,
  ExpireHook,
  PersistErrorHook,
  RestoreErrorHook,
} from "./hooks.ts";
import type { KeyChangeHook } from "./key-change.ts";
import type { DerivedStrategy, KeyStrategy } from "./key-strategy.ts";
import type { InputOf, OutputOf, StandardSchema } from "./standard-schema.ts";
import type { StateStore, StoreOptions } from "./state-store.ts";
import type { DurableObjectStore } from "./store.ts";
import type { View } from "./view.ts";

/** Options of `onAction`. */
export interface ActionOptions {
  /** For a function that returns a promise without being an `async function`. */
  readonly async?: boolean;
  /** After so many milliseconds an asynchronous handler is abandoned. Default: 30,000. */
  readonly timeout?: number;
  /** Default: `"default"`. */
  readonly isolation?: Isolation;
  /**
   * For a synchronous handler that uses `sql` or `storage` by way of others, so that its own text does
   * not say so.
   */
  readonly sql?: boolean;
  /**
   * Checks the payload, by any validator that follows the Standard Schema; the handler is given what
   * comes out. What does not pass is refused with `INPUT_INVALID`. One that is asynchronous needs an
   * asynchronous action.
   */
  readonly input?: StandardSchema;
  /** Asked before the handler runs, behind the module's own `authorize`; `false` is `FORBIDDEN`. */
  readonly authorize?: Authorize;
}

/** Options of `onAction` with a schema for the payload. */
export interface InputOptions<State, Schema extends StandardSchema> extends Omit<
  ActionOptions,
  "input" | "authorize"
> {
  readonly input: Schema;
  readonly authorize?: Authorize<State>;
}

/** Options of `onAction` without a schema. */
export interface PlainOptions<State> extends Omit<ActionOptions, "input" | "authorize"> {
  readonly authorize?: Authorize<State>;
}

/** What a caller passes for a payload of this type. */
export type PayloadParameters<Payload> = undefined extends Payload
  ? [payload?: Payload]
  : [payload: Payload];

/** What runs when an action is called. */
export type ActionHandler<
  State extends object,
  Events,
  Presence,
  Parameters extends readonly unknown[],
  Result,
> = (context: ActionContext<State, unknown, Events, Presence>, ...parameters: Parameters) => Result;

/** What an action adds to the contract of its module. */
export type AddedAction<
  Name extends string,
  Parameters extends readonly unknown[],
  Result,
> = Record<Name, { readonly parameters: Parameters; readonly result: Awaited<Result> }>;

/** The builder that `onAction` gives: the same, with one action more. */
export type WithAction<
  State extends object,
  Actions extends Record<string, ActionContract>,
  Keys extends KeyMode,
  Private extends string,
  Events,
  Presence,
  Name extends string,
  Parameters extends readonly unknown[],
  Result,
> = ModuleBuilder<
  State,
  Actions & AddedAction<Name, Parameters, Result>,
  Keys,
  Private,
  Events,
  Presence
>;

/** A module in the making. Every step returns a builder that knows more. */
export interface ModuleBuilder<
  State extends object,
  Actions extends Record<string, ActionContract>,
  Keys extends KeyMode,
  Private extends string = never,
  Events = Record<never, never>,
  Presence = never,
> {
  /** Says where the state is kept, and which instance a client reaches. */
  persist<Mode extends KeyMode>(
    store: DurableObjectStore<Mode, State>,
  ): ModuleBuilder<State, Actions, Mode, Private, Events, Presence>;
  /**
   * Keeps the state in a store of your own, too: whole values, saved at most half a second behind a
   * commit, and when the last connection goes. What fails is told to `onPersistError` and tried again.
   *
   * @throws HoldfastError `DEFINITION_INVALID` for what is no store
   */
  persist(
    store: StateStore<State>,
    options?: StoreOptions,
  ): ModuleBuilder<State, Actions, "fixed", Private, Events, Presence>;

  /**
   * Which instance a client reaches, for a module that is not persisted. Default: `session()`.
   * A module that is persisted names its strategy there.
   */
  key(
    strategy: DerivedStrategy<State>,
  ): ModuleBuilder<State, Actions, "fixed", Private, Events, Presence>;
  key<Mode extends KeyMode>(
    strategy: KeyStrategy<Mode>,
  ): ModuleBuilder<State, Actions, Mode, Private, Events, Presence>;

  /**
   * Keys of the state that go back to their initial values, by a commit, when nobody has been
   * connected for a minute. They outlive hibernation and deploys; exports leave them out.
   *
   * @throws HoldfastError `DEFINITION_INVALID` for a key that the state does not have
   */
  ephemeral(keys: readonly (keyof State & string)[]): this;

  /**
   * Declares the events that actions may `emit`, by name, with the types of their data. Types only;
   * actions added behind it may emit them.
   *
   * @example
   * .events<{ joined: { who: string } }>()
   */
  events<Added extends Record<string, unknown>>(): ModuleBuilder<
    State,
    Actions,
    Keys,
    Private,
    Events & Added,
    Presence
  >;

  /**
   * Lets every connection show something of its user to the others, like a cursor: one value of at most
   * `limits.presenceBytes`, the newest of which counts. It is in no state and goes with the connection.
   * Who may connect sees it; views do not filter it. What the value says of its user is the client's
   * word: `context.presence` knows who it really is.
   *
   * @example
   * .presence<{ name: string; cursor: { x: number; y: number } | null }>()
   */
  presence<Shown>(): ModuleBuilder<State, Actions, Keys, Private, Events, Shown>;
  /** The same, held against a schema, synchronous: what does not pass is not shown. */
  presence<Schema extends StandardSchema>(
    schema: Schema,
  ): ModuleBuilder<State, Actions, Keys, Private, Events, OutputOf<Schema>>;

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
  view(view: View): this;

  /**
   * Hides keys of the state from every client, whatever a view shows. Their types are not in what
   * clients see either.
   *
   * @throws HoldfastError `DEFINITION_INVALID` for a key that the state does not have
   */
  private<Key extends keyof State & string>(
    keys: readonly Key[],
  ): ModuleBuilder<State, Actions, Keys, Private | Key, Events, Presence>;

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
    handler: ActionHandler<State, Events, Presence, Parameters, Result>,
  ): WithAction<State, Actions, Keys, Private, Events, Presence, Name, Parameters, Result>;
  onAction<Name extends string, Schema extends StandardSchema, Result = void>(
    name: Name,
    options: InputOptions<State, Schema>,
    handler: ActionHandler<State, Events, Presence, [payload: OutputOf<Schema>], Result>,
  ): WithAction<
    State,
    Actions,
    Keys,
    Private,
    Events,
    Presence,
    Name,
    PayloadParameters<InputOf<Schema>>,
    Result
  >;
  onAction<Name extends string, Parameters extends [payload?: unknown] = [], Result = void>(
    name: Name,
    options: PlainOptions<State>,
    handler: ActionHandler<State, Events, Presence, Parameters, Result>,
  ): WithAction<State, Actions, Keys, Private, Events, Presence, Name, Parameters, Result>;

  /**
   * Decides, with the state, who may connect and who may run which action. `false` refuses with
   * `FORBIDDEN`, a `HoldfastError` that it throws with its own words.
   *
   * @throws HoldfastError `DEFINITION_INVALID` when there is one already
   *
   * @example
   * .authorize(({ state, user }) => user !== null && state.members.includes(user.id))
   */
  authorize(authorize: Authorize<State>): this;

  /** See `CreatedHook`. Synchronous. */
  onCreated(hook: CreatedHook<State>): this;

  /** Runs when a connection has said `hello`, before it is given the state where nobody holds the turn. */
  onConnect(hook: ConnectionHook<State, Events>): this;

  /** Runs when such a connection is gone. A server that dies tells nobody: it is a courtesy. */
  onDisconnect(hook: ConnectionHook<State, Events>): this;

  /** See `ErrorHook`: for your own log; callers are told no more than `ACTION_FAILED`. */
  onError(hook: ErrorHook): this;

  /** See `PersistErrorHook`: its actions were undone and stay open. */
  onPersistError(hook: PersistErrorHook): this;

  /** See `RestoreErrorHook`: without it, an instance that cannot be restored refuses everybody. */
  onRestoreError(hook: RestoreErrorHook): this;

  /**
   * Where the key is derived from the state (`withKey`): runs in the commit that a session arrives
   * with, on the state of its new key.
   *
   * @example
   * .onKeyChange((state, { guest }) => {
   *   for (const item of guest?.cart ?? []) state.cart.push(item);
   * })
   */
  onKeyChange(hook: KeyChangeHook<State>): this;

  /**
   * See `ExpireHook`: for modules with one instance per session.
   *
   * @throws HoldfastError `DEFINITION_INVALID`, by `build`, for any other module
   *
   * @example
   * .onExpire(async ({ files }, { env }) => {
   *   for (const key of files) await (env as Env).BUCKET.delete(key);
   * })
   */
  onExpire(hook: ExpireHook<State>): this;

  /**
   * Lets clients change the state by `update(recipe)`: all of it, or what is in `paths`. Off unless
   * it is called. Who may connect and passes `authorize` may write there, except at what is hidden
   * from them; what has rules of its own belongs in actions.
   *
   * @throws HoldfastError `DEFINITION_INVALID` for paths that are none
   *
   * @example
   * app.defineState({ todos: [] as Todo[], owner: "" }).clientWrites({ paths: ["todos"] })
   */
  clientWrites(options: true | ClientWriteOptions): this;

  /**
   * Without `persist`, the module is ephemeral: all of its state is what `ephemeral` says of keys.
   *
   * @throws HoldfastError `DEFINITION_INVALID` for a module with both `persist` and `key`
   */
  build(): ModuleDefinition<
    BuiltContract<Visible<State, Private>, Actions, Keys, Events, Presence>
  >;
}

/** What of a state clients see of it at most. */
export type Visible<State, Private extends string> = [Private] extends [never]
  ? State
  : Omit<State, Private>;
