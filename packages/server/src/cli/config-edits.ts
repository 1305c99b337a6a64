import { applyEdits, type JSONPath, modify } from "jsonc-parser";

/** One thing that a configuration lacks. */
export interface Addition {
  /** Where it goes, as a person would say it: `exports.ModuleObject`. */
  readonly at: string;
  readonly value: unknown;
  readonly path: JSONPath;
  /** It becomes one more of a list. */
  readonly isItem: boolean;
}

/** What has to be added to `before`, so that it says what `after` says; nothing is ever taken away. */
export function additionsTo(before: object, after: object, path: JSONPath = []): Addition[] {
  return Object.entries(after).flatMap(([name, value]: [string, unknown]): Addition[] => {
    // Any value of a configuration; told apart right below.
    const had = (before as Record<string, unknown>)[name];
    const here = [...path, name];
    if (same(had, value)) return [];
    if (Array.isArray(value) && Array.isArray(had)) {
      return value
        .slice(had.length)
        .map((item: unknown, index) => addition([...here, had.length + index], item, true));
    }
    if (isRecord(had) && isRecord(value)) return additionsTo(had, value, here);
    return [addition(here, value, false)];
  });
}

/** The same text with the additions, and every comment where it was. */
export function withAdditions(text: string, additions: readonly Addition[]): string {
  const formattingOptions = { insertSpaces: !/^\t/m.test(text), tabSize: 2, eol: "\n" };
  return additions.reduce((edited, { path, value, isItem }) => {
    const edits = modify(edited, path, value, { formattingOptions, isArrayInsertion: isItem });
    return applyEdits(edited, edits);
  }, text);
}

function addition(path: JSONPath, value: unknown, isItem: boolean): Addition {
  const names = isItem ? path.slice(0, -1) : path;
  return { at: `${names.join(".")}${isItem ? "[]" : ""}`, value, path, isItem };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
