import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { decodeState, encodeState, type StateStore } from "@holdfast/server";

/** Keeps each state in a file of its own. */
export function folderStore(folder: string): StateStore {
  // A key may hold anything; the name of a file may not.
  const fileOf = (key: string): string =>
    join(folder, `${createHash("sha256").update(key).digest("hex")}.json`);
  return {
    // One state for each session, apart from those of other modules.
    resolveKey: (_state, moduleName, sessionId) => JSON.stringify([moduleName, sessionId]),
    async load(key) {
      try {
        return decodeState(await readFile(fileOf(key), "utf8"));
      } catch (error) {
        // Nothing but a missing file is "nothing": what cannot be read must not begin anew.
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw error;
      }
    },
    async save(key, state) {
      await mkdir(folder, { recursive: true });
      // Another file first: a crash in between leaves the old state, whole.
      const draft = join(folder, randomUUID());
      await writeFile(draft, encodeState(state), { flush: true });
      await rename(draft, fileOf(key));
    },
    async delete(key) {
      await rm(fileOf(key), { force: true });
    },
  };
}
