import { decodeValue, EXPLAIN, HoldfastError } from "@holdfast/protocol";
import type { ActionRow } from "./cache/action-row.ts";
import type { KeptInstance } from "./keeper.ts";

/** Says of an action that was kept that nobody will ever hear of it. */
export function reportLost(
  { onRejected, module, key }: Pick<KeptInstance, "onRejected" | "module" | "key">,
  { name, payload, patch }: ActionRow,
  error: HoldfastError = outcomeUnknown(),
): void {
  onRejected({
    module,
    key,
    action: name,
    payload: patch ? undefined : decodePayload(payload),
    error,
  });
}

function decodePayload(payload: string | undefined): unknown {
  return payload === undefined ? undefined : decodeValue(payload);
}

/** The server has said nothing of it, and nobody is left to ask. */
export function outcomeUnknown(): HoldfastError {
  return new HoldfastError(
    "OUTCOME_UNKNOWN",
    EXPLAIN &&
      "The page that sent the action is gone, and the server does not know it any more: it may have been done or not. Read the state before you try again.",
  );
}
