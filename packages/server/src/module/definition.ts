import type { ActionContract, KeyMode, ModuleContract, ValueObject } from "@holdfast/protocol";
import type { ActionContext } from "./action-context.ts";
import type { ClientWrites } from "./client-writes.ts";
import type { Authorize } from "./authorize.ts";
import type { ConnectionTraits } from "./connection-engine.ts";
import type { ModuleHooks } from "./hooks.ts";
import type { KeyStrategy } from "./key-strategy.ts";
import type { MigrateStep } from "./migrate-step.ts";
import type { StandardSchema } from "./standard-schema.ts";
import type { Home } from "./state-store.ts";
import type { SystemClass, SystemContract } from "./system-class.ts";
import type { View } from "./view.ts";

/** What the author wrote. An asynchronous one returns a promise of the result. */
export type ActionHandler = (context: ActionContext<object>, payload: unknown) => unknown;

/**
 * `"default"`: no update is lost on a place that was read and written. `"serializable"`: all that an
 * action read is as it was when it commits.
 */
export type Isolation = "default" | "serializable";

/** An action as the engine runs it. */
export interface ActionDefinition {
  readonly handler: ActionHandler;
  /** Decided at definition: a synchronous action pays nothing for isolation. */
  readonly async: boolean;
  /** An asynchronous handler is abandoned after so many milliseconds. */
  readonly timeout: number;
  readonly isolation: Isolation;
  /** Checks the payload, and gives the handler what it makes of it. */
  readonly input: StandardSchema | undefined;
  /** Asked for this action, behind the module's own. */
  readonly authorize: Authorize | undefined;
  /** Decided at definition: a synchronous action that uses `sql` or `storage` runs in a savepoint. */
  readonly sql: boolean;
}

declare const contract: unique symbol;

/**
 * A module, finished by `build()`: plain data and functions, on no platform. Builder, connections
 * and systems all compile to this.
 */
export interface ModuleDefinition<Contract extends ModuleContract = ModuleContract> {
  /** What storage calls the module; `undefined`: its key in `modules`. */
  readonly name: string | undefined;
  /** The version of the state's shape, an integer from 1. */
  readonly version: number;
  /** The step to each version from the one before; a version without one keeps the shape. */
  readonly migrate: ReadonlyMap<number, MigrateStep>;
  /** What a state that is restored or imported is held against. */
  readonly schema: StandardSchema | undefined;
  /** The state of a new instance. Never handed out: every instance begins with a copy. */
  readonly initial: ValueObject;
  readonly strategy: KeyStrategy;
  readonly actions: ReadonlyMap<string, ActionDefinition>;
  /** What clients may write themselves; `undefined`: nothing. */
  readonly clientWrites?: ClientWrites | undefined;
  /** What each viewer sees; `undefined`: everything but `private`. */
  readonly view: View | undefined;
  /** Keys of the state that nobody but the server sees. */
  readonly private: readonly string[];
  /**
   * Keys of the state, or all of it, that go back to their initial values when nobody has been
   * connected for a minute.
   */
  readonly ephemeral: "all" | readonly string[];
  /** Whether connections may show something of their users, and what it is held against. */
  readonly presence?: { readonly schema: StandardSchema | undefined } | undefined;
  /** Asked when somebody connects, and for every action. */
  readonly authorize: Authorize | undefined;
  readonly hooks: ModuleHooks;
  /** Where it is a connection's. */
  readonly connection?: ConnectionTraits | undefined;
  /** Where the state is kept beside the instance's own journal; `undefined`: nowhere. */
  readonly home?: Home | undefined;
  /** Types only: what clients see. No such property exists. */
  readonly [contract]?: Contract;
}

/** The contract of a definition, or of the class of a system, for `AppOf`. */
export type ContractOf<Entry> = Entry extends SystemClass
  ? SystemContract<Entry>
  : Entry extends ModuleDefinition<infer Contract>
    ? Contract
    : never;

/** The contract that a builder writes down as it goes. */
export interface BuiltContract<
  State,
  Actions extends Record<string, ActionContract>,
  Keys extends KeyMode,
  Events = Record<never, never>,
  Presence = never,
> extends ModuleContract {
  readonly state: State;
  readonly actions: Actions;
  readonly keys: Keys;
  readonly events: Events;
  readonly presence: Presence;
}

/** All modules of an app, by the name that clients use. */
export type Modules = Readonly<Record<string, ModuleDefinition>>;

/** The same as an author writes them: what a builder made, and classes of systems. */
export type ModuleEntries = Readonly<Record<string, ModuleDefinition | SystemClass>>;

/**
 * The types of a whole app, for the client: `export type App = AppOf<typeof modules>`, then
 * `import type { App }` in the browser's program. No server code comes along.
 */
export interface AppOf<
  M extends ModuleEntries,
  C extends ConnectionEntries = Record<never, never>,
> {
  readonly modules: { readonly [Name in keyof M]: ContractOf<M[Name]> };
  readonly connections: { readonly [Name in keyof C]: ContractOf<C[Name]["module"]> };
}

/** All connections of an app: what `defineConnection` made. */
type ConnectionEntries = Readonly<Record<string, { readonly module: ModuleDefinition }>>;
