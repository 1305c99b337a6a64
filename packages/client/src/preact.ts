import { useEffect, useMemo, useRef } from "preact/hooks";
import type { Client } from "./client.ts";
import type { ClientOptions } from "./client-options.ts";
import type { AppContract } from "@holdfast/protocol";
import { createAllHooks } from "./hooks/create-all-hooks.ts";
import { type CreateCoreHooks, type CreateHooks, createModuleHooks } from "./hooks/create-hooks.ts";
import type { HookRuntime } from "./hooks/hook-runtime.ts";
import { createUseConnectionWith, type UseConnection } from "./hooks/use-connection.ts";
import { createUseEventWith, type UseEvent } from "./hooks/use-event.ts";
import { createUseHistoryWith, type UseHistory } from "./hooks/use-history.ts";
import { createUsePresenceWith, type UsePresence } from "./hooks/use-presence.ts";
import { createUseStatusWith, type UseStatus } from "./hooks/use-status.ts";
import { createUseStreamWith, type UseStream } from "./hooks/use-stream.ts";
import { useSyncExternalStore } from "./hooks/use-external-store.ts";

export type {
  CoreHooks,
  CorePersistedHooks,
  CreateCoreHooks,
  CreateHooks,
  Hooks,
  HooksOptions,
} from "./hooks/create-hooks.ts";
export type { ModuleResult, UseModule, UsePersistedModule } from "./hooks/use-module.ts";
export type { HistoryResult, UseHistory } from "./hooks/use-history.ts";
export type { PresenceResult, UsePresence } from "./hooks/use-presence.ts";
export type { ConnectionResult, UseConnection } from "./hooks/use-connection.ts";
export type { UseEvent } from "./hooks/use-event.ts";
export type { UseStream } from "./hooks/use-stream.ts";
export type { UseStatus } from "./hooks/use-status.ts";

const runtime: HookRuntime = { useSyncExternalStore, useMemo, useRef, useEffect };

/**
 * The hooks of an app, on Preact's own hooks: `preact/compat` is not needed. With a client of their
 * own. Call it once, beside the app; no provider is needed.
 *
 * @throws HoldfastError `DEFINITION_INVALID` for a host that is no address
 *
 * @example
 * import { createHooks } from "@holdfast/client/preact";
 * import type { App } from "./app";
 * export const { client, useModule, usePersistedModule, useStatus } = createHooks<App>();
 */
export const createHooks: CreateHooks = (options) => createAllHooks(runtime, options);

/**
 * `useModule` with the parts that are passed in: the bundle holds no others. Without `optimism`,
 * actions show once the server has answered, and immer stays out; without `persistence`, nothing is
 * kept in the browser. The other hooks are made for its client: `createUseConnection(client)`,
 * `createUseEvent(client)`, and so on.
 *
 * @throws HoldfastError `DEFINITION_INVALID` for a host that is no address
 *
 * @example
 * import { persistence } from "@holdfast/client";
 * export const { useModule, usePersistedModule } = createCoreHooks<App>({ persistence });
 */
export const createCoreHooks: CreateCoreHooks = (options?: ClientOptions) =>
  // True because the overloads only say which of the hooks can do what.
  createModuleHooks<never>(runtime, options) as never;

/**
 * `usePresence` for a client of `createCoreHooks({ presence })`.
 *
 * @example
 * import { presence } from "@holdfast/client";
 * const { client } = createCoreHooks<App>({ presence });
 * export const usePresence = createUsePresence(client);
 */
export function createUsePresence<App extends AppContract>(client: Client<App>): UsePresence<App> {
  return createUsePresenceWith(runtime, client);
}

/** `useHistory` for a client of `createCoreHooks({ history, optimism })`; see `createUsePresence`. */
export function createUseHistory<App extends AppContract>(client: Client<App>): UseHistory<App> {
  return createUseHistoryWith(runtime, client);
}

/** `useConnection` for a client of `createCoreHooks`. */
export function createUseConnection<App extends AppContract>(
  client: Client<App>,
): UseConnection<App> {
  return createUseConnectionWith(runtime, client);
}

/** `useEvent` for a client of `createCoreHooks`. */
export function createUseEvent<App extends AppContract>(client: Client<App>): UseEvent<App> {
  return createUseEventWith(runtime, client);
}

/** `useStatus` for a client of `createCoreHooks`. */
export function createUseStatus<App extends AppContract>(client: Client<App>): UseStatus {
  return createUseStatusWith(runtime, client);
}

/** `useStream` for a client of `createCoreHooks({ streams })`. */
export function createUseStream<App extends AppContract>(client: Client<App>): UseStream<App> {
  return createUseStreamWith(runtime, client);
}
