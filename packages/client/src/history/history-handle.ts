import { EXPLAIN, HoldfastError } from "@holdfast/protocol";
import type { HistoryHandle, InstanceHistory } from "./history.ts";

const NOTHING = { canUndo: false, canRedo: false } as const;

/**
 * The history of an instance that may not be open yet.
 *
 * @param look gives that of an open one
 * @param open opens it
 */
export function historyHandle(
  look: () => InstanceHistory | undefined,
  open: () => InstanceHistory | undefined,
): HistoryHandle {
  return {
    getSnapshot: () => look()?.getSnapshot() ?? NOTHING,
    subscribe: (listener) => (open() ?? refuse()).subscribe(listener),
    undo: async () => look()?.undo() ?? [],
    redo: async () => look()?.redo() ?? [],
    clear: () => look()?.clear(),
  };
}

function refuse(): never {
  throw new HoldfastError(
    "DEFINITION_INVALID",
    EXPLAIN && "This client remembers nothing. Pass { history, optimism } to createClient.",
  );
}
