import type { SchemaVerdict, StandardSchema } from "./standard-schema.ts";

/** A Standard Schema by hand: `check` gives the value as it should be, or throws what is wrong. */
export function schemaOf<Input, Output = Input>(
  check: (value: unknown) => Output,
): StandardSchema<Input, Output> {
  return {
    "~standard": { version: 1, vendor: "holdfast", validate: (value) => verdict(check, value) },
  };
}

/** The same, asynchronous. */
export function asyncSchemaOf<Input, Output = Input>(
  check: (value: unknown) => Output,
): StandardSchema<Input, Output> {
  const validate = async (value: unknown): Promise<SchemaVerdict<Output>> => verdict(check, value);
  return { "~standard": { version: 1, vendor: "holdfast", validate } };
}

function verdict<Output>(check: (value: unknown) => Output, value: unknown): SchemaVerdict<Output> {
  try {
    return { value: check(value) };
  } catch (error) {
    return { issues: [{ message: (error as Error).message, path: ["text", { key: 0 }] }] };
  }
}

/** Takes `{ text }` with a text that is not empty, and trims it. */
export const TEXT: StandardSchema<{ text: string; at?: number }, { text: string; at: number }> =
  schemaOf((value) => {
    const { text, at = 7 } = (value ?? {}) as { text?: unknown; at?: number };
    if (typeof text !== "string" || text.trim() === "") throw new Error("has to be a text");
    return { text: text.trim(), at };
  });
