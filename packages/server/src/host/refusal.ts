import { HoldfastError, type WireError } from "@holdfast/protocol";
import type { Platform } from "./platform.ts";

/**
 * What a caller may know of an error (G19): a `HoldfastError` says what happened in words meant for
 * them; anything else stays on the server, where the operator's log has it whole.
 */
export function refusalOf(error: unknown, action: string, platform: Platform): WireError {
  if (error instanceof HoldfastError) return { code: error.code, message: error.message };
  platform.report(error, `The action "${action}" threw; its changes were undone`);
  return {
    code: "ACTION_FAILED",
    message: `The action "${action}" failed on the server and changed nothing. The server's log says why.`,
  };
}
