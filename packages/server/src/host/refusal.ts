import { HoldfastError, type WireError } from "@holdfast/protocol";
import type { Platform } from "./platform.ts";

/** Longest message of a refusal. */
const MESSAGE_CHARACTERS = 1_000;

/**
 * What a caller may know of an error (G19): a `HoldfastError` says what happened in words meant for
 * them; anything else stays on the server, where the operator's log has it whole.
 */
export function refusalOf(error: unknown, action: string, platform: Platform): WireError {
  if (error instanceof HoldfastError) {
    // It is stored with the answers of its client, and a row has its limit.
    return { code: error.code, message: error.message.slice(0, MESSAGE_CHARACTERS) };
  }
  platform.report(error, `The action "${action}" threw; its changes were undone`);
  return {
    code: "ACTION_FAILED",
    message: `The action "${action}" failed on the server and changed nothing. The server's log says why.`,
  };
}
