import { cloneValue, HoldfastError, kindOf, type ValueObject } from "@holdfast/protocol";
import type { ActionDefinition, ActionHandler } from "./definition.ts";
import { describeIssues } from "./describe-issues.ts";
import type { KeyStrategy } from "./key-strategy.ts";
import type { MigrateStep } from "./migrate-step.ts";
import type { ActionOptions } from "./module-builder.ts";
import type { StandardSchema } from "./standard-schema.ts";

export function checkedInitial(initial: object, schema?: StandardSchema): ValueObject {
  if (kindOf(initial) !== "object") {
    throw new HoldfastError(
      "DEFINITION_INVALID",
      "The state of a module is a plain object. Put arrays, Maps and the like inside one: defineState({ items: [] }).",
    );
  }
  // A clone of a plain object is a plain object, checked through and through.
  const state = cloneValue(initial) as ValueObject;
  const verdict = schema?.["~standard"].validate(state);
  if (verdict === undefined || (!(verdict instanceof Promise) && !verdict.issues)) return state;
  throw new HoldfastError(
    "DEFINITION_INVALID",
    verdict instanceof Promise
      ? "The schema of a state is asynchronous. Take out what has to be awaited."
      : `The initial state does not fit its own schema: ${describeIssues(verdict.issues ?? [])}`,
  );
}

export function checkedMigrate(
  steps: Readonly<Record<number, MigrateStep>>,
  version: number,
): ReadonlyMap<number, MigrateStep> {
  const entries = Object.entries(steps).map(([key, step]) => [Number(key), step] as const);
  for (const [to, step] of entries) {
    if (Number.isSafeInteger(to) && to > 1 && to <= version && typeof step === "function") continue;
    throw new HoldfastError(
      "DEFINITION_INVALID",
      `migrate has a step to ${to}, and the version is ${version}. Steps are functions, to versions from 2 up to the module's own.`,
    );
  }
  return new Map(entries);
}

export function checkStrategy(known: KeyStrategy | undefined): void {
  if (!known) return;
  throw new HoldfastError(
    "DEFINITION_INVALID",
    "The module says twice which instance a client reaches. Write .persist(durableObjectStore(strategy)), or .key(strategy) for a module that is not persisted.",
  );
}

export function checkHook(name: string, hook: unknown, known: unknown): void {
  if (typeof hook === "function" && known === undefined) return;
  throw new HoldfastError(
    "DEFINITION_INVALID",
    typeof hook === "function"
      ? `The module has two functions for "${name}". Write one that does both.`
      : `What is given for "${name}" is not a function.`,
  );
}

/** A session that has done nothing yet belongs to nobody. */
export function checkDerived(strategy: KeyStrategy, initial: ValueObject): void {
  if (strategy.type !== "derived" || strategy.bySession) return;
  // A copy: the function is the author's, and the initial state everybody's.
  const key =
    strategy.keyOf(cloneValue(initial) as ValueObject, { module: "", session: "" }) ?? null;
  if (key === null) return;
  throw new HoldfastError(
    "DEFINITION_INVALID",
    `withKey() gives a key for the initial state (${String(key)}), so every session would have it. Let it give null until somebody is logged in, or use global() or user().`,
  );
}

/** Only what belongs to a session ends with it. */
export function checkExpire(strategy: KeyStrategy, hook: unknown): void {
  const { type } = strategy;
  if (hook === undefined || type === "session") return;
  if (type === "derived" && strategy.bySession) return;
  throw new HoldfastError(
    "DEFINITION_INVALID",
    `onExpire is for state that belongs to one session; that of this module (${type === "derived" ? "withKey" : type}()) does not end by itself. Leave it out, or use session().`,
  );
}

export function checkKeys(keys: readonly string[], initial: ValueObject, step: string): void {
  const missing = keys.find((key) => !Object.hasOwn(initial, key));
  if (missing === undefined) return;
  throw new HoldfastError(
    "DEFINITION_INVALID",
    `.${step}() names "${missing}", which the state does not begin with. Name keys of the state itself; is it misspelt?`,
  );
}

export function checkedName(name: string | undefined): string | undefined {
  if (name === "") {
    throw new HoldfastError(
      "DEFINITION_INVALID",
      "The name of a module is empty. Leave it out instead.",
    );
  }
  return name;
}

export function checkedVersion(version: number): number {
  if (Number.isSafeInteger(version) && version >= 1) return version;
  throw new HoldfastError(
    "DEFINITION_INVALID",
    `The version of a state is an integer from 1, not ${version}.`,
  );
}

export function checkedActionName(
  name: string,
  actions: ReadonlyMap<string, ActionDefinition>,
): string {
  if (name === "") throw new HoldfastError("DEFINITION_INVALID", "The name of an action is empty.");
  if (actions.has(name)) {
    throw new HoldfastError(
      "DEFINITION_INVALID",
      `The action "${name}" is defined twice. Give one of them another name.`,
    );
  }
  return name;
}

const TIMEOUT_MS = 30_000;

export function checkedAction(
  name: string,
  options: ActionOptions,
  handler: unknown,
): ActionDefinition {
  const { timeout = TIMEOUT_MS, isolation = "default", input, authorize } = options;
  if (typeof handler !== "function") {
    throw new HoldfastError("DEFINITION_INVALID", `The handler of "${name}" is not a function.`);
  }
  if (!(Number.isFinite(timeout) && timeout > 0)) {
    throw new HoldfastError(
      "DEFINITION_INVALID",
      `The timeout of "${name}" is a number of milliseconds above 0, not ${String(timeout)}.`,
    );
  }
  if (input !== undefined && typeof input["~standard"]?.validate !== "function") {
    throw new HoldfastError(
      "DEFINITION_INVALID",
      `The input of "${name}" is no Standard Schema. Use zod 3.24, valibot 1, arktype 2 or newer ones.`,
    );
  }
  if (authorize !== undefined) checkHook(`authorize of ${name}`, authorize, undefined);
  return {
    // The engine gives every handler the state of its own module, and the payload as it was sent;
    // that the payload has the declared type is the author's word until a schema checks it.
    handler: handler as ActionHandler,
    // An async function says so by its class; one that merely returns a promise has to be told.
    async: options.async ?? handler.constructor.name === "AsyncFunction",
    timeout,
    isolation,
    input,
    authorize,
    sql: options.sql ?? mentionsSql(handler),
  };
}

/** Whether the code of a function or class speaks of the database or the storage of its object. */
export function mentionsSql(code: object): boolean {
  return /\b(sql|storage|getStorage)\b/.test(Function.prototype.toString.call(code));
}
