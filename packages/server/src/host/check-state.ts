import { HoldfastError, type ValueObject } from "@holdfast/protocol";
import { describeIssues } from "../module/describe-issues.ts";
import type { ModuleDefinition } from "../module/definition.ts";

/**
 * Holds a state that comes from outside against the module's schema. What the schema would make of
 * it is not taken over: it says whether the state is right, `migrate` makes it so.
 *
 * @param what begins the message: `"The stored state"`
 * @throws HoldfastError `RESTORE_FAILED`
 */
export function checkState({ schema }: ModuleDefinition, state: ValueObject, what: string): void {
  if (!schema) return;
  const verdict = schema["~standard"].validate(state);
  if (!(verdict instanceof Promise) && !verdict.issues) return;
  // Issues may quote the state: they stay with the cause, which is for the operator.
  const cause =
    verdict instanceof Promise ? "the schema is asynchronous" : describeIssues(verdict.issues);
  throw new HoldfastError(
    "RESTORE_FAILED",
    `${what} does not fit the module's schema. The server's log says where; nothing was changed. Raise the version and add a step to migrate, or correct the schema.`,
    { cause },
  );
}
