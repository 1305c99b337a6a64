import type { AppContract } from "@holdfast/protocol";
import { type Client, type ClientOptions, createClient } from "../client.ts";
import type { Persistence } from "../keeper.ts";
import type { Optimism } from "../store/machinery.ts";
import type { HookRuntime } from "./hook-runtime.ts";
import { createUseConnection, type UseConnection } from "./use-connection.ts";
import { createUseEvent, type UseEvent } from "./use-event.ts";
import {
  createUseModule,
  type HookKind,
  type UseModule,
  type UsePersistedModule,
} from "./use-module.ts";
import type { UseHistory } from "./use-history.ts";
import type { UsePresence } from "./use-presence.ts";
import { createUseStatus, type UseStatus } from "./use-status.ts";
import { createUseStream, type UseStream } from "./use-stream.ts";

/** An app's client, and all of its hooks. */
export interface Hooks<App extends AppContract> extends BasicHooks<App> {
  readonly usePresence: UsePresence<App>;
  readonly useHistory: UseHistory<App>;
}

/** An app's client, and the hooks that every client can do with. */
export interface BasicHooks<App extends AppContract> {
  readonly client: Client<App>;
  readonly useModule: UseModule<App>;
  readonly usePersistedModule: UsePersistedModule<App>;
  readonly useConnection: UseConnection<App>;
  readonly useEvent: UseEvent<App>;
  readonly useStatus: UseStatus;
  readonly useStream: UseStream<App>;
}

/** Options of `createHooks`. */
export type HooksOptions = Omit<
  ClientOptions,
  "optimism" | "persistence" | "presence" | "history" | "streams"
>;

/** Parts of the machinery that `createCoreHooks` may be given, and that its types do not tell apart. */
type CoreOptions = HooksOptions & Pick<ClientOptions, "presence" | "history" | "streams">;

/** The hooks that `createCoreHooks` makes: what they can do depends on what was passed. */
export interface CoreHooks<App extends AppContract, Kind extends HookKind = "core"> extends Omit<
  BasicHooks<App>,
  "useModule" | "usePersistedModule" | "useConnection"
> {
  readonly useModule: UseModule<
    App,
    Kind extends "optimistic" | "optimistic persisted" ? "optimistic" : "core"
  >;
  readonly useConnection: UseConnection<App, Kind>;
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
    options: CoreOptions & { optimism: Optimism; persistence: Persistence },
  ): CorePersistedHooks<App, "optimistic persisted">;
  <App extends AppContract>(
    options: CoreOptions & { persistence: Persistence },
  ): CorePersistedHooks<App, "persisted">;
  <App extends AppContract>(
    options: CoreOptions & { optimism: Optimism },
  ): CoreHooks<App, "optimistic">;
  <App extends AppContract>(options?: CoreOptions): CoreHooks<App>;
}

/** The hooks of a framework, bound to a client of their own. */
export function createHooksWith<App extends AppContract>(
  runtime: HookRuntime,
  options: ClientOptions = {},
): BasicHooks<App> {
  const client = createClient<App>(options);
  return {
    client,
    useModule: createUseModule(runtime, client, "module"),
    usePersistedModule: createUseModule(runtime, client, "persistedModule"),
    useConnection: createUseConnection(runtime, client),
    useEvent: createUseEvent(runtime, client),
    useStatus: createUseStatus(runtime, client),
    useStream: createUseStream(runtime, client),
  };
}
