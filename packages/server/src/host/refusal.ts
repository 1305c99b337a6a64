import { type ErrorCode, HoldfastError, type WireError } from "@holdfast/protocol";
import type { ErrorHook } from "../module/hooks.ts";
import { callHook } from "./call-hook.ts";
import type { Platform } from "./platform.ts";

/** Longest message of a refusal. */
const MESSAGE_CHARACTERS = 1_000;

/** Errors of Holdfast itself that name the place where something is wrong. */
const NAME_PLACES: ReadonlySet<ErrorCode> = new Set([
  "VALUE_UNSUPPORTED",
  "VALUE_TOO_DEEP",
  "VALUE_TOO_LARGE",
  "PATCH_INVALID",
  "CONFLICT",
]);

/** Who is told what of errors. */
export interface Refusing {
  readonly platform: Platform;
  /** Not everybody sees the whole state: a path may name what the caller must not know of. */
  readonly hidesPlaces: boolean;
  /** The module's own ear for errors. */
  readonly onError: ErrorHook | undefined;
}

/**
 * What a caller may know of an error (G19): a `HoldfastError` says what happened in words meant for
 * them; anything else stays on the server, where the operator's log has it whole.
 */
export function refusalOf(
  error: unknown,
  action: string,
  { platform, hidesPlaces, onError }: Refusing,
): WireError {
  if (error instanceof HoldfastError) {
    const { code } = error;
    if (hidesPlaces && NAME_PLACES.has(code)) {
      platform.report(
        error,
        `The action "${action}" was refused (${code}), undone, and not told where`,
      );
      return {
        code,
        message: `The action "${action}" was refused (${code}) and changed nothing. The server's log says at which place.`,
      };
    }
    // It is stored with the answers of its client, and a row has its limit.
    return { code: error.code, message: error.message.slice(0, MESSAGE_CHARACTERS) };
  }
  platform.report(error, `The action "${action}" threw; its changes were undone`);
  callHook(platform, () => onError?.(error, { action }));
  return {
    code: "ACTION_FAILED",
    message: `The action "${action}" failed on the server and changed nothing. The server's log says why.`,
  };
}
