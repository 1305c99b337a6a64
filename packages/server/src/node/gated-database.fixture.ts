import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { TestDatabase } from "../storage/database.fixture.ts";
import { GatedDatabase, type GatedDatabaseParts } from "./gated-database.ts";

/** A folder of the test's own, gone when the test is over. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-node-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A gated database in a file, and what it told of alarms and of its end. */
export function openGated(
  file: string = join(testFolder(), "instance.sqlite"),
  parts: Partial<GatedDatabaseParts> = {},
): { database: GatedDatabase; file: string; told: unknown[] } {
  const told: unknown[] = [];
  const database = new GatedDatabase({
    path: () => file,
    exists: existsSync(file),
    beforeAlarm: (at) => told.push(["before", at]),
    onAlarm: (at) => told.push(["alarm", at]),
    onBroken: (error) => told.push(["broken", error]),
    ...parts,
  });
  onTestFinished(() => database.end(new Error("the test is over")));
  return { database, file, told };
}

/** For the suites of everything that stores on a SQL port. */
export async function openGatedDatabase(): Promise<TestDatabase> {
  const { database, file } = openGated();
  let port = database;
  return {
    use: async (work) => {
      const result = work(port);
      port.flush();
      return result;
    },
    restart: async () => {
      port.end(new Error("restarted"));
      port = openGated(file).database;
    },
  };
}
