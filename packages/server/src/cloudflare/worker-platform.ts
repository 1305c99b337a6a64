import { randomToken } from "@holdfast/protocol";
import type { Platform } from "../host/platform.ts";

/** What every object finds where Workers run. */
export const WORKER_PLATFORM: Pick<Platform, "now" | "token" | "after" | "report" | "warn"> = {
  now: () => Date.now(),
  token: randomToken,
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
  warn: (message) => console.warn(`Holdfast: ${message}`),
  report: (error, what) => console.error(`Holdfast: ${what}.`, error),
};
