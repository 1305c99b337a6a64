import type { AppContract, ModuleContract } from "@holdfast/protocol";
import type { PredictionContext } from "./store/prediction.ts";

/** The names of an app's modules. */
export type ModuleName<App extends AppContract> = keyof App["modules"] & string;

/** The names of the modules whose instances have keys: those that are `named()`. */
export type KeyedModuleName<App extends AppContract> = {
  [Name in ModuleName<App>]: App["modules"][Name]["keys"] extends "named" ? Name : never;
}[ModuleName<App>];

/** The contract of one module. */
export type ModuleOf<App extends AppContract, Name extends ModuleName<App>> = App["modules"][Name];

/** The key of a handle: required for `named()` modules, refused for others. */
export type KeyArguments<Module extends ModuleContract> = Module["keys"] extends "named"
  ? [key: string]
  : [];

/** The names of an app's connections. */
export type ConnectionName<App extends AppContract> = keyof App["connections"] & string;

/** The contract of one connection: a module whose actions are its events. */
export type ConnectionOf<App extends AppContract, Name extends ConnectionName<App>> = NonNullable<
  App["connections"]
>[Name];

/** Sends an event of a connection: exactly once, also over reconnects. Resolves as an action does. */
export type Emit<Connection extends ModuleContract> = <
  Event extends keyof Connection["actions"] & string,
>(
  event: Event,
  ...data: Connection["actions"][Event]["parameters"]
) => Promise<Connection["actions"][Event]["result"]>;

/** A module's state as clients see it. */
export type StateOf<Module extends ModuleContract> = Immutable<Module["state"]>;

/** The data of each event that a module's actions emit, by the event's name. */
export type EventsOf<Module extends ModuleContract> = Module extends {
  readonly events: infer Events;
}
  ? { readonly [Name in keyof Events]: Immutable<Events[Name]> }
  : Record<never, never>;

/** What connections of the module may show of their users; `never` where it declares none. */
export type PresenceOf<Module extends ModuleContract> = Module extends {
  readonly presence: infer Shown;
}
  ? Immutable<Shown>
  : never;

/** The names of the modules that declare presence. */
export type PresentModuleName<App extends AppContract> = {
  [Name in ModuleName<App>]: [PresenceOf<App["modules"][Name]>] extends [never] ? never : Name;
}[ModuleName<App>];

/** A module's actions as clients call them. */
export type ActionsOf<Module extends ModuleContract> = {
  readonly [Name in keyof Module["actions"]]: (
    ...parameters: Module["actions"][Name]["parameters"]
  ) => Promise<Module["actions"][Name]["result"]>;
};

/**
 * Reducers that say beforehand what an action will do, by the names of the actions. They are given a
 * draft of the state, to be edited like an ordinary object; the payload, `undefined` where none was
 * passed; and a context that is the same in every replay and on the server. They run again whenever
 * the server's state changes, so they must be synchronous and do nothing but edit the draft. Dates
 * and typed arrays have no drafts: assign a new one instead of changing it.
 */
export type ReducersOf<Module extends ModuleContract> = {
  readonly [Name in keyof Module["actions"]]?: (
    draft: Module["state"],
    payload: Module["actions"][Name]["parameters"][0],
    context: PredictionContext,
  ) => unknown;
};

/** Edits a draft of a module's state like an ordinary object; what it returns is ignored. */
export type RecipeOf<Module extends ModuleContract> = (draft: Module["state"]) => unknown;

/**
 * `T`, readonly all the way down. State on the client is shared between versions, so a change in
 * place would show in places that nobody re-renders, and in none that the server knows of. Costs the
 * compiler one step per level, when it is looked at.
 */
export type Immutable<T> = T extends Indivisible
  ? T
  : T extends ReadonlyMap<infer Key, infer Item>
    ? ReadonlyMap<Key, Immutable<Item>>
    : T extends ReadonlySet<infer Member>
      ? ReadonlySet<Member>
      : { readonly [Key in keyof T]: Immutable<T[Key]> };

/** Replaced as a whole, never changed in part. */
type Indivisible =
  | string
  | number
  | boolean
  | bigint
  | null
  | undefined
  | Date
  | URL
  | RegExp
  | ArrayBufferView;
