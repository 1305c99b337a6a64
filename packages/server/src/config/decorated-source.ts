import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A file of a project. */
export interface Source {
  readonly file: string;
  readonly code: string;
}

/** All sources of a project, without what it has installed or built. */
export function sourcesOf(folder: string): Source[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry): Source[] => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      return OTHERS.has(entry.name) || entry.name.startsWith(".") ? [] : sourcesOf(path);
    }
    if (!entry.isFile() || !/\.[cm]?[jt]sx?$/.test(entry.name)) return [];
    return [{ file: path, code: readFileSync(path, "utf8") }];
  });
}

const OTHERS: ReadonlySet<string> = new Set(["node_modules", "dist", "build", "coverage"]);

/** Looks like the class of a system. */
export function hasSystem({ code }: Source): boolean {
  return /\bextends\s+System\b/.test(code);
}

/** A source whose decorators have to be lowered, if there is one. */
export function findDecorated(sources: readonly Source[]): Source | undefined {
  return sources.find((source) => hasSystem(source) && DECORATED.test(source.code));
}

const DECORATED = /(^|\s)@(field|action)\b/m;
