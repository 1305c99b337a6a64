import type { ActionContract, KeyMode, ModuleContract, StreamValue } from "@holdfast/protocol";
import type { MigrateStep } from "./migrate-step.ts";
import type { CreatedContext } from "./hooks.ts";
import type { DurableObjectStore } from "./store.ts";
import type { Stream } from "./stream.ts";

/** What every system has from its base class; none of it is seen by clients. */
export interface SystemBase {
  readonly context: unknown;
  readonly sql: unknown;
  readonly "~events"?: unknown;
  onCreate?(context: CreatedContext): void;
}

/** A class that extends `System`. */
export interface SystemClass<Instance extends SystemBase = SystemBase> {
  new (): Instance;
  readonly name: string;
  /** Where instances are kept, and which one a client reaches. Default: one per key that it names. */
  readonly persist?: DurableObjectStore<"fixed"> | DurableObjectStore<"named">;
  /** The version of the state's shape, an integer from 1. Default: 1. */
  readonly version?: number;
  /** The step to each version from the one before. */
  readonly migrate?: Readonly<Record<number, MigrateStep>>;
  /** Names of properties that are fields, for code without decorators. */
  readonly fields?: readonly string[];
  /** Names of methods that are actions, for code without decorators. */
  readonly actions?: readonly string[];
}

/**
 * What clients see of a system: its public properties as state, its public methods as actions.
 * Decorators cannot change types, so what is neither a field nor an action is made `private`,
 * `protected` or `#private`; at run time it is out of reach in any case.
 */
export interface SystemContract<Class extends SystemClass> extends ModuleContract {
  readonly state: FieldsOf<InstanceType<Class>>;
  readonly actions: ActionsOf<InstanceType<Class>>;
  readonly keys: KeysOf<Class>;
  readonly events: EventsOf<InstanceType<Class>>;
}

type FieldsOf<Instance> = {
  [
    Name in keyof Instance as Name extends keyof SystemBase
      ? never
      : Instance[Name] extends AnyMethod
        ? never
        : Name
  ]: Instance[Name] extends Stream ? StreamValue : Instance[Name];
};

type ActionsOf<Instance> = {
  readonly [
    Name in keyof Instance & string as Name extends keyof SystemBase
      ? never
      : Instance[Name] extends AnyMethod
        ? Name
        : never
  ]: Instance[Name] extends (...parameters: infer Parameters) => infer Result
    ? { readonly parameters: Parameters; readonly result: Awaited<Result> }
    : never;
} & Record<never, ActionContract>;

// The one type that every method fits: parameters are contravariant.
type AnyMethod = (...parameters: never[]) => unknown;

type EventsOf<Instance> = Instance extends { readonly "~events"?: infer Events }
  ? Exclude<Events, undefined>
  : Record<never, never>;

type KeysOf<Class> = Class extends { readonly persist: DurableObjectStore<infer Mode> }
  ? Mode
  : "named" & KeyMode;
