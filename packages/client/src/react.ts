import { useEffect, useMemo, useRef, useSyncExternalStore } from "react";
import type { ClientOptions } from "./client.ts";
import { type CreateCoreHooks, type CreateHooks, createHooksWith } from "./hooks/create-hooks.ts";
import type { HookRuntime } from "./hooks/hook-runtime.ts";
import { persistence } from "./persistence.ts";
import { optimism } from "./store/optimism.ts";

export type {
  CoreHooks,
  CorePersistedHooks,
  CreateCoreHooks,
  CreateHooks,
  Hooks,
  HooksOptions,
} from "./hooks/create-hooks.ts";
export type { ModuleResult, UseModule, UsePersistedModule } from "./hooks/use-module.ts";
export type { UseEvent } from "./hooks/use-event.ts";
export type { UseStatus } from "./hooks/use-status.ts";

const runtime: HookRuntime = { useSyncExternalStore, useMemo, useRef, useEffect };

/**
 * The hooks of an app, with a client of their own. Call it once, beside the app; no provider is
 * needed.
 *
 * @throws HoldfastError `DEFINITION_INVALID` for a host that is no address
 *
 * @example
 * import { createHooks } from "@holdfast/client/react";
 * import type { App } from "./app";
 * export const { client, useModule, usePersistedModule, useStatus } = createHooks<App>();
 */
export const createHooks: CreateHooks = (options) =>
  createHooksWith(runtime, { ...options, optimism, persistence });

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
export const createCoreHooks: CreateCoreHooks = (options?: ClientOptions) =>
  // True because the overloads only say which of the hooks can do what.
  createHooksWith<never>(runtime, options) as never;
