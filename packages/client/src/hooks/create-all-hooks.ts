import type { AppContract } from "@holdfast/protocol";
import { persistence } from "../persistence.ts";
import { history } from "../history/history.ts";
import { presence } from "../presence.ts";
import { streams } from "../streams.ts";
import { optimism } from "../store/optimism.ts";
import { createModuleHooks, type Hooks, type HooksOptions } from "./create-hooks.ts";
import type { HookRuntime } from "./hook-runtime.ts";
import { createUseConnectionWith } from "./use-connection.ts";
import { createUseEventWith } from "./use-event.ts";
import { createUseHistoryWith } from "./use-history.ts";
import { createUsePresenceWith } from "./use-presence.ts";
import { createUseStatusWith } from "./use-status.ts";
import { createUseStreamWith } from "./use-stream.ts";

/** The hooks of a framework with all that there is. */
export function createAllHooks<App extends AppContract>(
  runtime: HookRuntime,
  options?: HooksOptions,
): Hooks<App> {
  const hooks = createModuleHooks<App>(runtime, {
    ...options,
    optimism,
    persistence,
    presence,
    history,
    streams,
  });
  return {
    ...hooks,
    useConnection: createUseConnectionWith(runtime, hooks.client),
    useEvent: createUseEventWith(runtime, hooks.client),
    useStatus: createUseStatusWith(runtime, hooks.client),
    useStream: createUseStreamWith(runtime, hooks.client),
    usePresence: createUsePresenceWith(runtime, hooks.client),
    useHistory: createUseHistoryWith(runtime, hooks.client),
  };
}
