import type { Platform } from "./platform.ts";

/**
 * Runs what must not fail. When it does, an invariant is broken and memory may differ from storage:
 * the instance starts afresh. Whatever was not durable was not told to anybody.
 */
export function guard(platform: Platform, work: () => void): void {
  try {
    work();
  } catch (error) {
    platform.report(error, "An invariant is broken; the instance starts afresh from storage");
    platform.abort("Holdfast: an invariant is broken; the log says which.");
  }
}
