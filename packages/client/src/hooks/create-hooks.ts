import type { AppContract } from "@holdfast/protocol";
import { type Client, createClient } from "../client.ts";
import type { ClientOptions } from "../client-options.ts";
import type { Persistence } from "../keeper.ts";
import type { Optimism } from "../store/machinery.ts";
import type { HookRuntime } from "./hook-runtime.ts";
import type { UseConnection } from "./use-connection.ts";
import type { UseEvent } from "./use-event.ts";
import {
  createUseModule,
  type HookKind,
  type UseModule,
  type UsePersistedModule,
} from "./use-module.ts";
import type { UseHistory } from "./use-history.ts";
import type { UsePresence } from "./use-presence.ts";
import type { UseStatus } from "./use-status.ts";
import type { UseStream } from "./use-stream.ts";

/** An app's client, and all of its hooks. */
export interface Hooks<App extends AppContract> {
  readonly client: Client<App>;
  readonly useModule: UseModule<App>;
  readonly usePersistedModule: UsePersistedModule<App>;
  readonly useConnection: UseConnection<App>;
  readonly useEvent: UseEvent<App>;
  readonly useStatus: UseStatus;
  readonly useStream: UseStream<App>;
  readonly usePresence: UsePresence<App>;
  readonly useHistory: UseHistory<App>;
}

/** Options of `createHooks`. */
export type HooksOptions = Omit<
  ClientOptions,
  "optimism" | "persistence" | "presence" | "history" | "streams"
>;

/** Parts of the machinery that `createCoreHooks` may be given, and that its types do not tell apart. */
type CoreOptions = HooksOptions & Pick<ClientOptions, "presence" | "history" | "streams">;

/** What `createCoreHooks` makes; what the hook can do depends on what was passed. */
export interface CoreHooks<App extends AppContract, Kind extends HookKind = "core"> {
  readonly client: Client<App>;
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

/** A client, and the hooks of a framework for its modules. */
export function createModuleHooks<App extends AppContract>(
  runtime: HookRuntime,
  options: ClientOptions = {},
): Pick<Hooks<App>, "client" | "useModule" | "usePersistedModule"> {
  const client = createClient<App>(options);
  return {
    client,
    useModule: createUseModule(runtime, client, "module"),
    usePersistedModule: createUseModule(runtime, client, "persistedModule"),
  };
}
