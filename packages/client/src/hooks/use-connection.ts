import type { AppContract, ModuleContract } from "@holdfast/protocol";
import type { Client, PersistedOptions } from "../client.ts";
import type { ConnectionName, ConnectionOf, StateOf } from "../contract.ts";
import type { ConnectionHandle } from "../module-handle.ts";
import type { HookRuntime } from "./hook-runtime.ts";
import {
  createUseModule,
  type ModuleOptions,
  type ModuleResult,
  type OptimisticOption,
} from "./use-module.ts";

/** What `useConnection` returns: read what the component shows, and it renders when that changes. */
export type ConnectionResult<
  Connection extends ModuleContract,
  Selected = StateOf<Connection>,
  Initial = undefined,
  Suspense extends boolean = false,
> = WithoutActions<ModuleResult<Connection, Selected, Initial, Suspense>> &
  Pick<ConnectionHandle<Connection>, "emit" | "on">;

/** Each case of a union by itself: `restored` narrows `state`. */
type WithoutActions<Result> = Result extends unknown ? Omit<Result, "actions" | "update"> : never;

/**
 * The connection of whoever uses the page: its state, live, and `emit`, which sends an event exactly
 * once. Hand the result to `useEvent` to hear what the server emits. Every use on the page shares one
 * socket. `optimistic` says beforehand what events do to the state, and `persisted: true` keeps it, and
 * what is not acknowledged, in this browser: a client of `createCoreHooks` needs `optimism` and
 * `persistence` for that.
 *
 * @example
 * const user = useConnection("user");
 * useEvent(user, "message", (message) => show(message));
 * return <button onClick={() => user.emit("message", { text: "Ahoy" })}>{user.state?.messageCount}</button>;
 */
export type UseConnection<App extends AppContract> = <
  Name extends ConnectionName<App>,
  Selected = StateOf<ConnectionOf<App, Name>>,
  Initial = undefined,
  Suspense extends boolean = false,
>(
  name: Name,
  options?: ModuleOptions<ConnectionOf<App, Name>, Selected, Initial, Suspense> &
    OptimisticOption<ConnectionOf<App, Name>> &
    PersistedOptions & {
      /** What `extractMeta` on the server finds as `?key=` in the request. */
      readonly key?: string;
      /** As `usePersistedModule`: shown at once on load, and sent by the next page. */
      readonly persisted?: boolean;
    },
) => ConnectionResult<ConnectionOf<App, Name>, Selected, Initial, Suspense>;

export function createUseConnectionWith<App extends AppContract>(
  runtime: HookRuntime,
  client: Client<App>,
): UseConnection<App> {
  // A connection is a module whose actions are its events, and the hook knows which of the two it is.
  return createUseModule(runtime, client, "connection") as unknown as UseConnection<App>;
}
