import type { AppContract } from "@holdfast/protocol";
import { type Client, type ClientOptions, createClient } from "../client.ts";
import type { HookRuntime } from "./hook-runtime.ts";
import { createUseConnection, type UseConnection } from "./use-connection.ts";
import { createUseEvent, type UseEvent } from "./use-event.ts";
import { createUseModule, type UseModule, type UsePersistedModule } from "./use-module.ts";
import { createUseStatus, type UseStatus } from "./use-status.ts";
import { createUseStream, type UseStream } from "./use-stream.ts";

/** An app's client, and its hooks. */
export interface Hooks<App extends AppContract> {
  readonly client: Client<App>;
  readonly useModule: UseModule<App>;
  readonly usePersistedModule: UsePersistedModule<App>;
  readonly useConnection: UseConnection<App>;
  readonly useEvent: UseEvent<App>;
  readonly useStatus: UseStatus;
  readonly useStream: UseStream<App>;
}

/** The hooks of a framework, bound to a client of their own. */
export function createHooksWith<App extends AppContract>(
  runtime: HookRuntime,
  options: ClientOptions,
): Hooks<App> {
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
