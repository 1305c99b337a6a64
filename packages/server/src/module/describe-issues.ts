import type { SchemaIssue } from "./standard-schema.ts";

/** So many issues tell what is wrong with a value; the rest is only long. */
const MOST_ISSUES = 5;

/** What is wrong with a value, and where: `items.0.title: has to be a text; …`. */
export function describeIssues(issues: readonly SchemaIssue[]): string {
  return issues.slice(0, MOST_ISSUES).map(describe).join("; ");
}

function describe({ path = [], message }: SchemaIssue): string {
  const keys = path.map((segment) => String(typeof segment === "object" ? segment.key : segment));
  return keys.length > 0 ? `${keys.join(".")}: ${message}` : message;
}
