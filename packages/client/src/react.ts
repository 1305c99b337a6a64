import type { AppContract } from "@holdfast/protocol";
import { useEffect, useMemo, useRef, useSyncExternalStore } from "react";
import type { ClientOptions } from "./client.ts";
import { createHooksWith, type Hooks } from "./hooks/create-hooks.ts";
import type { HookRuntime } from "./hooks/hook-runtime.ts";
import type { HookKind, UseModule, UsePersistedModule } from "./hooks/use-module.ts";
import type { Persistence } from "./keeper.ts";
import { persistence } from "./persistence.ts";
import { optimism } from "./store/optimism.ts";
import type { Optimism } from "./store/machinery.ts";
import { streams } from "./streams.ts";

export type { Hooks } from "./hooks/create-hooks.ts";
export type { ModuleResult, UseModule, UsePersistedModule } from "./hooks/use-module.ts";
export type { ConnectionResult, UseConnection } from "./hooks/use-connection.ts";
export type { UseEvent } from "./hooks/use-event.ts";
export type { UseStatus } from "./hooks/use-status.ts";
export type { UseStream } from "./hooks/use-stream.ts";

const runtime: HookRuntime = { useSyncExternalStore, useMemo, useRef, useEffect };

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

/**
 * The hooks of an app, with a client of their own. Call it once, beside the app; no provider is
 * needed.
 *
 * @throws HoldfastError `DEFINITION_INVALID` for a host that is no address
 *
 * @example
 * import type { App } from "./app";
 * export const { client, useModule, usePersistedModule, useStatus } = createHooks<App>();
 */
export function createHooks<App extends AppContract>(options: HooksOptions = {}): Hooks<App> {
  return createHooksWith<App>(runtime, { ...options, optimism, persistence, streams });
}

/**
 * `createHooks` of the parts that are passed in: the bundle holds no others. Without `optimism`,
 * actions show once the server has answered, and immer stays out; without `persistence`, nothing is
 * kept in the browser.
 *
 * @throws HoldfastError `DEFINITION_INVALID` for a host that is no address
 *
 * @example
 * import { persistence } from "@holdfast/client";
 * export const { useModule, usePersistedModule } = createCoreHooks<App>({ persistence });
 */
export function createCoreHooks<App extends AppContract>(
  options: HooksOptions & { optimism: Optimism; persistence: Persistence },
): CorePersistedHooks<App, "optimistic persisted">;
export function createCoreHooks<App extends AppContract>(
  options: HooksOptions & { persistence: Persistence },
): CorePersistedHooks<App, "persisted">;
export function createCoreHooks<App extends AppContract>(
  options: HooksOptions & { optimism: Optimism },
): CoreHooks<App, "optimistic">;
export function createCoreHooks<App extends AppContract>(options?: HooksOptions): CoreHooks<App>;
export function createCoreHooks<App extends AppContract>(options: ClientOptions = {}): object {
  return createHooksWith<App>(runtime, options);
}
