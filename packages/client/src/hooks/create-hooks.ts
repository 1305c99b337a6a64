import type { AppContract } from "@holdfast/protocol";
import { type Client, type ClientOptions, createClient } from "../client.ts";
import type { Persistence } from "../keeper.ts";
import type { Optimism } from "../store/machinery.ts";
import type { HookRuntime } from "./hook-runtime.ts";
import { createUseEvent, type UseEvent } from "./use-event.ts";
import {
  createUseModule,
  type HookKind,
  type UseModule,
  type UsePersistedModule,
} from "./use-module.ts";
import { createUseStatus, type UseStatus } from "./use-status.ts";

/** An app's client, and its hooks. */
export interface Hooks<App extends AppContract> {
  readonly client: Client<App>;
  readonly useModule: UseModule<App>;
  readonly usePersistedModule: UsePersistedModule<App>;
  readonly useEvent: UseEvent<App>;
  readonly useStatus: UseStatus;
}

/** Options of `createHooks`. */
export type HooksOptions = Omit<ClientOptions, "optimism" | "persistence">;

/** The hooks that `createCoreHooks` makes: what they can do depends on what was passed. */
export interface CoreHooks<App extends AppContract, Kind extends HookKind = "core"> extends Omit<
  Hooks<App>,
  "useModule" | "usePersistedModule"
> {
  readonly useModule: UseModule<
    App,
    Kind extends "optimistic" | "optimistic persisted" ? "optimistic" : "core"
  >;
}

/** `CoreHooks` with persistence. */
export interface CorePersistedHooks<
  App extends AppContract,
  Kind extends "persisted" | "optimistic persisted",
> extends CoreHooks<App, Kind> {
  readonly usePersistedModule: UsePersistedModule<App, Kind>;
}

/** `createHooks` of a framework. */
export type CreateHooks = <App extends AppContract>(options?: HooksOptions) => Hooks<App>;

/** `createCoreHooks` of a framework. */
export interface CreateCoreHooks {
  <App extends AppContract>(
    options: HooksOptions & { optimism: Optimism; persistence: Persistence },
  ): CorePersistedHooks<App, "optimistic persisted">;
  <App extends AppContract>(
    options: HooksOptions & { persistence: Persistence },
  ): CorePersistedHooks<App, "persisted">;
  <App extends AppContract>(
    options: HooksOptions & { optimism: Optimism },
  ): CoreHooks<App, "optimistic">;
  <App extends AppContract>(options?: HooksOptions): CoreHooks<App>;
}

/** The hooks of a framework, bound to a client of their own. */
export function createHooksWith<App extends AppContract>(
  runtime: HookRuntime,
  options: ClientOptions = {},
): Hooks<App> {
  const client = createClient<App>(options);
  return {
    client,
    useModule: createUseModule(runtime, client, false),
    usePersistedModule: createUseModule(runtime, client, true),
    useEvent: createUseEvent(runtime, client),
    useStatus: createUseStatus(runtime, client),
  };
}
