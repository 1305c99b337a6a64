import { createContext, Script } from "node:vm";

const context = createContext({});
const script = new Script("work()");

/**
 * Runs synchronous work, and stops it wherever it is when its time is over: also inside an endless
 * loop, which nothing else in the same thread could get out of. False if it had to be stopped.
 */
export function endsWithin(milliseconds: number, work: () => unknown): boolean {
  context["work"] = work;
  try {
    script.runInContext(context, { timeout: milliseconds });
    return true;
  } catch (error) {
    if (isTimeout(error)) return false;
    throw error;
  }
}

/** An error of the other context is no `Error` of this one. */
function isTimeout(error: unknown): boolean {
  return (
    typeof error === "object" &&
    error !== null &&
    "code" in error &&
    error.code === "ERR_SCRIPT_EXECUTION_TIMEOUT"
  );
}
