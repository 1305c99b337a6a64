import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { TestDatabase } from "../storage/database.fixture.ts";
import { openNodeSqlite } from "./node-sqlite-port.ts";

/** A database in a file of its own, gone when the test is over. */
export async function openNodeDatabase(): Promise<TestDatabase> {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-"));
  const path = join(folder, "instance.sqlite");
  let port = openNodeSqlite(path);
  onTestFinished(() => {
    port.close();
    rmSync(folder, { recursive: true });
  });
  return {
    use: async (work) => work(port),
    restart: async () => {
      port.close();
      port = openNodeSqlite(path);
    },
  };
}
