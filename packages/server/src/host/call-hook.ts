import type { Platform } from "./platform.ts";

/** Calls a hook that is only told of something: what it throws itself goes to the operator. */
export function callHook(platform: Platform, hook: () => unknown): void {
  try {
    hook();
  } catch (error) {
    platform.report(error, "A hook of the module that is told of errors failed");
  }
}
