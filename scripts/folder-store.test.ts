import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkStateStore } from "@holdfast/server/testing";
import { expect, test } from "vitest";
import { folderStore } from "../docs/examples/node/folder-store.ts";

test("the store that docs/stores.md writes keeps all that stores promise", async () => {
  const report = await checkStateStore(async () => {
    const folder = await mkdtemp(join(tmpdir(), "holdfast-folder-store-"));
    return {
      store: folderStore(folder),
      reopen: () => folderStore(folder),
      close: () => rm(folder, { recursive: true }),
    };
  });
  expect(report.failures).toEqual([]);
  expect(report.results.every(({ outcome }) => outcome === "kept")).toBe(true);
});
