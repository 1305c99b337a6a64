import { HoldfastError, type Path } from "@holdfast/protocol";
import { ANY, type PathPattern, parsePattern, type PatternSegment } from "./path-pattern.ts";
import type { StandardSchema } from "./standard-schema.ts";

/** What clients may write by `update`, and what the state has to be afterwards. */
export interface ClientWriteOptions {
  /**
   * The places, each with all that is in it: `["todos", "settings.theme"]`. To add, remove or move
   * the items of an array, the array itself has to be named; `"todos.*"` means the items as they
   * stand.
   */
  readonly paths: readonly PathPattern[];
  /**
   * Validates the whole state after each client patch, so its cost grows with the state; it has to be
   * synchronous. Default: that of `defineState`.
   */
  readonly schema?: StandardSchema;
}

/** As the engine asks. */
export interface ClientWrites {
  /** Whether clients may write at the place, and so everything that is in it. */
  readonly mayWrite: (path: Path) => boolean;
  readonly schema: StandardSchema | undefined;
}

/** @throws HoldfastError `DEFINITION_INVALID` for paths that are none */
export function clientWrites(options: true | ClientWriteOptions): ClientWrites {
  if (options === true) return { mayWrite: () => true, schema: undefined };
  const { paths, schema } = options;
  if (!Array.isArray(paths) || paths.length === 0) {
    throw new HoldfastError(
      "DEFINITION_INVALID",
      'clientWrites() takes true, or { paths: ["todos", "settings.theme"] } with at least one path.',
    );
  }
  const patterns = paths.map(parsePattern);
  return {
    mayWrite: (path) => patterns.some((pattern) => covers(pattern, path)),
    schema,
  };
}

function covers(pattern: readonly PatternSegment[], path: Path): boolean {
  return (
    pattern.length <= path.length &&
    pattern.every((segment, depth) => segment === ANY || fits(segment, path[depth]))
  );
}

/** In a text a number looks like the key that it is. */
function fits({ key, isText }: Exclude<PatternSegment, typeof ANY>, segment: unknown): boolean {
  if (Object.is(key, segment)) return true;
  return isText && typeof segment === "number" && String(segment) === key;
}
