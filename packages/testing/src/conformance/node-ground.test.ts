import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { runOnNode } from "./node-ground.ts";
import { MICRO_SCRIPTS } from "./scripts.ts";

/** A peer that closes without a code hears the protocol's own word for that, and not the platform's. */
const OF_ITS_OWN: Readonly<Record<string, Record<string, string[]>>> = {
  "a close without a code is answered with 1000": { a: ["closed 1005 "] },
};

test.each(MICRO_SCRIPTS)("Node: $name", async (script) => {
  const dataDir = mkdtempSync(join(tmpdir(), "holdfast-probe-"));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  // Scripts throw on purpose, and the home says so.
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  expect(await runOnNode(script, dataDir)).toEqual(OF_ITS_OWN[script.name] ?? script.hears);
});
