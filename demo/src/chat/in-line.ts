/** What is under way, by what it is about. */
const lines = new Map<string, Promise<unknown>>();

/** One call after the other where the name is the same, in the order in which they came. */
export function inLine<Result>(name: string, call: () => Promise<Result>): Promise<Result> {
  const before = lines.get(name) ?? Promise.resolve();
  // Whether the one in front has failed is its own caller's business.
  const result = before.then(call, call);
  const line = result
    .catch(() => {})
    .then(() => {
      if (lines.get(name) === line) lines.delete(name);
    });
  lines.set(name, line);
  return result;
}
