import { type AppContract, HoldfastError } from "@holdfast/protocol";
import type { CreateHooks, Hooks } from "../hooks/create-hooks.ts";
import { type MockApp, mockApp, type MockAppOptions } from "./mock-app.ts";

/** Hooks as `createHooks` gives them, with an app behind them that each story makes up anew. */
export interface MockHooks<App extends AppContract> extends Hooks<App> {
  /**
   * Begins anew: from now on the hooks show this app, with a client of its own, and nothing of the one
   * before. Call it before a story or a test renders.
   */
  readonly start: (options?: MockAppOptions<App>) => MockApp<App>;
}

/**
 * Hooks for stories and tests of components, in place of the app's own.
 *
 * @param createHooks of `@holdfast/client/react` or `@holdfast/client/preact`
 *
 * @example
 * // holdfast.mock.ts, which stories and tests load in place of holdfast.ts
 * export const { start, useModule, useStatus } = createMockHooks<App>(createHooks);
 * // in a story
 * start({ modules: { counter: { state: { count: 5 } } }, status: "offline" });
 */
export function createMockHooks<App extends AppContract>(createHooks: CreateHooks): MockHooks<App> {
  let current: Hooks<App> | undefined;

  function started(): Hooks<App> {
    if (current) return current;
    throw new HoldfastError(
      "DEFINITION_INVALID",
      "No app is mocked yet. Call start({ modules }) before the component renders.",
    );
  }

  /** The same function for ever, so that it may be imported; what it does is the current app's. */
  function hook<Name extends Exclude<keyof Hooks<App>, "client">>(name: Name): Hooks<App>[Name] {
    const call = (...parameters: readonly unknown[]): unknown => {
      // True because whoever calls has checked it against the same type.
      const own = started()[name] as (...given: readonly unknown[]) => unknown;
      return own(...parameters);
    };
    return call as unknown as Hooks<App>[Name];
  }

  return {
    start(options = {}) {
      current?.client.close();
      const app = mockApp<App>(options);
      current = createHooks<App>(app.options);
      return app;
    },
    get client() {
      return started().client;
    },
    useModule: hook("useModule"),
    usePersistedModule: hook("usePersistedModule"),
    useConnection: hook("useConnection"),
    useEvent: hook("useEvent"),
    useStatus: hook("useStatus"),
    useStream: hook("useStream"),
    usePresence: hook("usePresence"),
    useHistory: hook("useHistory"),
  };
}
