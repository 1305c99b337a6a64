import { EXPLAIN, HoldfastError } from "@holdfast/protocol";
import type { InstancePresence, PresenceHandle } from "./presence.ts";

const NOTHING = { mine: undefined, others: [] } as const;

/**
 * The presence of an instance that may not be open yet.
 *
 * @param look gives that of an open one
 * @param open opens it
 */
export function presenceHandle(
  look: () => InstancePresence | undefined,
  open: () => InstancePresence | undefined,
): PresenceHandle<unknown> {
  const presence = (): InstancePresence => open() ?? refuse();
  return {
    getSnapshot: () => look()?.getSnapshot() ?? NOTHING,
    subscribe: (listener) => presence().subscribe(listener),
    set: (value) => presence().set(value),
  };
}

function refuse(): never {
  throw new HoldfastError(
    "DEFINITION_INVALID",
    EXPLAIN && "This client shows nothing of its users. Pass { presence } to createClient.",
  );
}
