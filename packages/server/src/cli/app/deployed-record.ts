import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../command.ts";
import type { AppFacts } from "./app-facts.ts";

/** What was put online: enough to see what another version of the app would leave behind. */
export type DeployedApp = Pick<AppFacts, "modules" | "connections">;

/** Where that is written down, beside the Worker's configuration; for everybody who deploys. */
export const RECORD_FILE = "holdfast.lock.json";

const ABOUT =
  "What `holdfast deploy` put online last, by Worker. Commit it: of modules and connections that are renamed or removed it can only warn where it knows them.";
const FORMAT = 1;

interface Record_ {
  readonly about: string;
  readonly format: number;
  readonly workers: Readonly<Record<string, DeployedApp>>;
}

/**
 * What of a Worker is online; `undefined` where nobody has written it down.
 *
 * @throws Failure where the file cannot be read
 */
export function readDeployed(folder: string, worker: string): DeployedApp | undefined {
  const { workers } = readRecord(folder);
  return Object.hasOwn(workers, worker) ? workers[worker] : undefined;
}

/** Writes down what is online from now on. */
export function writeDeployed(folder: string, worker: string, app: DeployedApp): void {
  const { workers } = readRecord(folder);
  const { modules, connections } = app;
  const record: Record_ = {
    about: ABOUT,
    format: FORMAT,
    workers: { ...workers, [worker]: { modules, connections } },
  };
  const file = join(folder, RECORD_FILE);
  writeFileSync(`${file}.part`, `${JSON.stringify(record, undefined, 2)}\n`);
  renameSync(`${file}.part`, file);
}

function readRecord(folder: string): Record_ {
  const file = join(folder, RECORD_FILE);
  if (!existsSync(file)) return { about: ABOUT, format: FORMAT, workers: {} };
  try {
    // Looked at right below; what stands in it is what this program has written.
    const record = JSON.parse(readFileSync(file, "utf8")) as Partial<Record_>;
    if (record.format === FORMAT && typeof record.workers === "object") return record as Record_;
  } catch {
    // Said below.
  }
  throw new Failure(
    `${file} cannot be read: a merge may have broken it, or a newer version has written it. Take the one of the last commit that was deployed.`,
  );
}
