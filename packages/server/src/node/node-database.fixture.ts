import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { TestDatabase } from "../storage/database.fixture.ts";
import { openNodeSqlite, type NodeSqlite } from "./node-sqlite-port.ts";

/** A database in a file of its own, gone when the test is over. */
export async function openNodeDatabase(): Promise<TestDatabase> {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-"));
  const path = join(folder, "instance.sqlite");
  const openPort = (): NodeSqlite => {
    const opened = openNodeSqlite(path);
    // No test pulls the plug, and syncing thousands of writes would be most of their time.
    opened.run("PRAGMA synchronous = OFF");
    return opened;
  };
  let port = openPort();
  onTestFinished(() => {
    port.close();
    rmSync(folder, { recursive: true });
  });
  return {
    use: async (work) => work(port),
    restart: async () => {
      port.close();
      port = openPort();
    },
  };
}
