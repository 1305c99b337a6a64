import type { AppContract } from "@holdfast/protocol";
import { useEffect, useMemo, useRef, useSyncExternalStore } from "react";
import type { ClientOptions } from "./client.ts";
import { createHooksWith, type Hooks } from "./hooks/create-hooks.ts";
import type { HookRuntime } from "./hooks/hook-runtime.ts";
import type { UseCoreModule } from "./hooks/use-module.ts";
import { optimism } from "./store/optimism.ts";

export type { Hooks } from "./hooks/create-hooks.ts";
export type { ModuleResult, UseCoreModule, UseModule } from "./hooks/use-module.ts";
export type { UseEvent } from "./hooks/use-event.ts";
export type { UseStatus } from "./hooks/use-status.ts";

const runtime: HookRuntime = { useSyncExternalStore, useMemo, useRef, useEffect };

/** Options of `createHooks`. */
export type HooksOptions = Omit<ClientOptions, "optimism">;

/** Hooks without `optimistic`. */
export interface CoreHooks<App extends AppContract> extends Omit<Hooks<App>, "useModule"> {
  readonly useModule: UseCoreModule<App>;
}

/**
 * The hooks of an app, with a client of their own. Call it once, beside the app; no provider is
 * needed.
 *
 * @throws HoldfastError `DEFINITION_INVALID` for a host that is no address
 *
 * @example
 * import type { App } from "./app";
 * export const { client, useModule, useStatus } = createHooks<App>();
 */
export function createHooks<App extends AppContract>(options: HooksOptions = {}): Hooks<App> {
  return createHooksWith<App>(runtime, { ...options, optimism });
}

/**
 * `createHooks` without optimism: actions show once the server has answered, and immer stays out of
 * the bundle.
 */
export function createCoreHooks<App extends AppContract>(
  options: HooksOptions = {},
): CoreHooks<App> {
  // True because only the type differs: it has no `optimistic`.
  return createHooksWith<App>(runtime, options) as unknown as CoreHooks<App>;
}
