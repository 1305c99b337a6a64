import { instanceName } from "../module/instance-name.ts";
import type { StateStore } from "../module/state-store.ts";

/** Which value a session works with, for the stores that Holdfast brings along. */
export interface KeyOptions<State extends object> {
  /**
   * As of `StateStore.resolveKey`; what it gives is kept apart from that of other modules.
   * Default: one value for each session.
   *
   * @example
   * memoryStore({ key: (state: { user: { id: string } | null }) => state.user?.id ?? null })
   */
  readonly key?: (state: State, moduleName: string, sessionId: string) => string | null;
}

/** `resolveKey` of the stores that Holdfast brings along. */
export function resolver<State extends object>({
  key = (_state, _moduleName, sessionId) => sessionId,
}: KeyOptions<State>): StateStore<State>["resolveKey"] {
  return (state, moduleName, sessionId) => {
    const own: unknown = key(state, moduleName, sessionId);
    // What is no usable key is refused by whoever asked, with the reason.
    if (typeof own !== "string" || own === "" || !own.isWellFormed()) return own as string | null;
    return instanceName(moduleName, own);
  };
}
