import { HoldfastError } from "@holdfast/protocol";
import type { ActionContext } from "../module/action-context.ts";
import type { Sql } from "../module/sql.ts";
import type { Stream } from "../module/stream.ts";

/** What runs now: an action or `onCreate()`, and the system that it belongs to. */
export interface Running {
  readonly system: object;
  readonly state: object;
  readonly sql: () => Sql;
  readonly stream: (path: string) => Stream;
  /** `undefined` in `onCreate()`. */
  readonly context: ActionContext<object> | undefined;
}

/** What Holdfast needs of `AsyncLocalStorage`. */
interface AsyncContext {
  run<Result>(store: Running, work: () => Result): Result;
  getStore(): Running | undefined;
}

type AsyncHooks = { readonly AsyncLocalStorage: new () => AsyncContext };

let asyncContext: AsyncContext | undefined = fromProcess();
/** Without an async context: the synchronous action that runs. */
let synchronous: Running | undefined;

/**
 * Looks for `AsyncLocalStorage` where it has to be imported: in workerd with the flag `nodejs_als`.
 * Called before an instance of a system runs; where it is missing, asynchronous actions say so.
 */
export async function loadAsyncContext(): Promise<void> {
  if (asyncContext) return;
  // Not written as a constant: a bundler would look for the module even where nobody needs it.
  const module = ["node", "async_hooks"].join(":");
  try {
    // True because the module of this name has this shape on every platform that has it.
    const hooks = (await import(/* @vite-ignore */ module)) as AsyncHooks;
    asyncContext ??= new hooks.AsyncLocalStorage();
  } catch {
    // Asynchronous actions will say what is missing.
  }
}

/** Runs the method of an action, so that fields find it, also after an `await`. */
export function runAs<Result>(running: Running, work: () => Result): Result {
  if (asyncContext) return asyncContext.run(running, work);
  const before = synchronous;
  synchronous = running;
  try {
    return work();
  } finally {
    synchronous = before;
  }
}

/** What of `system` runs here. */
export function runningOf(system: object): Running | undefined {
  const running = asyncContext ? asyncContext.getStore() : synchronous;
  return running?.system === system ? running : undefined;
}

/** @throws HoldfastError `DEFINITION_INVALID` where fields would be lost after an `await` */
export function assertAsyncContext(name: string): void {
  if (asyncContext) return;
  throw new HoldfastError(
    "DEFINITION_INVALID",
    `The action "${name}" of a system is asynchronous, and the platform has no AsyncLocalStorage, which finds its fields after an await. Add the compatibility flag "nodejs_als" (holdfast() of @holdfast/server/vite does).`,
  );
}

/** On Node, and in workerd with `nodejs_compat`. */
function fromProcess(): AsyncContext | undefined {
  // True because a process that can give built-in modules gives this one in this shape.
  const { process } = globalThis as {
    process?: { getBuiltinModule?: (name: string) => AsyncHooks | undefined };
  };
  const hooks = process?.getBuiltinModule?.("node:async_hooks");
  return hooks && new hooks.AsyncLocalStorage();
}
