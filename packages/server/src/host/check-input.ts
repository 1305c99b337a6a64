import { HoldfastError } from "@holdfast/protocol";
import type { ActionDefinition } from "../module/definition.ts";
import { describeIssues } from "../module/describe-issues.ts";
import type { SchemaVerdict } from "../module/standard-schema.ts";

/**
 * What the action's schema makes of a payload; a promise where the schema is asynchronous.
 *
 * @throws HoldfastError `INPUT_INVALID`, or `DEFINITION_INVALID` for an asynchronous schema of a
 * synchronous action
 */
export function checkInput(
  name: string,
  { input, async }: ActionDefinition,
  payload: unknown,
): unknown {
  if (!input) return payload;
  const verdict = input["~standard"].validate(payload);
  if (!(verdict instanceof Promise)) return accept(name, verdict);
  if (async) return verdict.then((late) => accept(name, late));
  verdict.catch(() => {});
  throw new HoldfastError(
    "DEFINITION_INVALID",
    `The input of "${name}" is checked asynchronously, and its handler is synchronous. Make the handler an async function, or the schema a synchronous one.`,
  );
}

function accept(name: string, verdict: SchemaVerdict<unknown>): unknown {
  if (!verdict.issues) return verdict.value;
  // Paths of the caller's own payload.
  const issues = describeIssues(verdict.issues);
  throw new HoldfastError("INPUT_INVALID", `The payload of "${name}" is not valid: ${issues}`);
}
