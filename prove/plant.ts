import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "esbuild";

/** One change of a source text. */
export interface Edit {
  /** From the repository's root. */
  readonly file: string;
  /** Must stand in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/**
 * Plants edits in the sources as they are bundled; nothing on disk changes. A text that is not found
 * exactly once fails the build: a bug that was not planted would prove nothing.
 */
export function plant(edits: readonly Edit[]): Plugin {
  const byFile = Map.groupBy(edits, fileOf);
  return {
    name: "plant",
    setup(build) {
      const planted = new Set<string>();
      build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const here = byFile.get(path);
        if (here === undefined) return undefined;
        planted.add(path);
        let contents = await readFile(path, "utf8");
        for (const edit of here) contents = edited(contents, edit);
        return { contents, loader: "ts" };
      });
      build.onEnd(() => {
        const errors = [...byFile.keys()]
          .filter((path) => !planted.has(path))
          .map((path) => ({ text: `${path} is not part of the bundle: nothing was planted` }));
        return { errors };
      });
    },
  };
}

/** The path of the file that it changes. */
export function fileOf({ file }: Edit): string {
  return resolve(ROOT, file);
}

/** @throws Error where the text does not stand in there exactly once */
export function edited(contents: string, { file, find, replace }: Edit): string {
  const times = contents.split(find).length - 1;
  if (times !== 1) {
    throw new Error(
      `The text to change stands ${times} times in ${file}; once is needed. The source has moved on: write the planted bug anew.\n${find}`,
    );
  }
  return contents.replace(find, () => replace);
}
