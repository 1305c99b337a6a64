import { examineEntryFacts } from "../config/examine-entry.ts";
import type { EntryFacts } from "../config/find-object-classes.ts";
import { configFor, type WorkerConfig } from "../config/worker-config.ts";
import type { AppFacts } from "./app/app-facts.ts";
import { type AppChange, compareApps } from "./app/compare-apps.ts";
import { type DeployedApp, readDeployed, RECORD_FILE } from "./app/deployed-record.ts";
import { missingConnections } from "./app/missing-connections.ts";
import { readApp } from "./app/read-app.ts";
import { Failure } from "./command.ts";
import { type Addition, additionsTo } from "./config-edits.ts";
import { isConfiguredByVite, type Project, readEntry } from "./project.ts";

/** What deploying a project comes to. */
export interface DeploymentPlan {
  /** The Worker's name on Cloudflare. */
  readonly worker: string;
  /** The Durable Object classes that the entry exports. */
  readonly classes: readonly string[];
  /** What the app is made of; `undefined` where it could not be read. */
  readonly app: DeployedApp | undefined;
  /** How that differs from what is online; `undefined` where nobody knows what is. */
  readonly changes: readonly AppChange[] | undefined;
  /** What the configuration lacks. */
  readonly additions: readonly Addition[];
  /** What may be meant otherwise; each with what to do. */
  readonly warnings: readonly string[];
  /** Vite's plugin adds what is lacking when it builds; the file stays as it is. */
  readonly byVite: boolean;
}

/**
 * Compares what a project exports with what its configuration registers, and what its app is made of
 * with what is online.
 *
 * @param environment of the configuration
 * @throws Failure for what must not be deployed: a class that is not exported, or one that holds data
 * of the old key-value kind
 */
export async function planDeployment(
  project: Project,
  environment: string | undefined,
): Promise<DeploymentPlan> {
  const { config, folder } = project;
  const entry = await readEntry(project);
  const mistakes = examineEntryFacts(entry, config);
  const wrong = mistakes.find(({ level }) => level === "error");
  if (wrong) throw new Failure(`${project.main}: ${wrong.what} ${wrong.mend}`);
  const classes = entry.classes.map(({ name }) => name);
  const worker = workerName(project, environment);
  const { app, warning } = await appOf(project, entry);
  const [missing] = app ? missingConnections(app, config) : [];
  if (missing) throw new Failure(`${missing.what} ${missing.mend}`);
  const before = readDeployed(folder, worker);
  const changes = app && before && compareApps(before, app);
  return {
    worker,
    classes,
    app,
    changes,
    additions: additionsTo(config, lacking(config, classes)),
    warnings: [
      ...mistakes.map(({ what, mend }) => `${what} ${mend}`),
      ...(warning === undefined ? [] : [warning]),
      ...registeredClasses(config)
        .filter((name) => !classes.includes(name))
        .map((name) => missingClass(name, classes)),
      ...(changes ?? []).flatMap(({ warning: lost }) => lost ?? []),
    ],
    byVite: isConfiguredByVite(project),
  };
}

/** As wrangler names it. */
function workerName({ config }: Project, environment: string | undefined): string {
  const { name = "worker", env } = config;
  return environment === undefined ? name : (env?.[environment]?.name ?? `${name}-${environment}`);
}

async function appOf(
  project: Project,
  { makesWorker }: EntryFacts,
): Promise<{ readonly app?: AppFacts; readonly warning?: string }> {
  if (!makesWorker) return {};
  try {
    return { app: await readApp(project) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return {
      warning: `The app's modules could not be read (${why}), so nothing is known of what was renamed or removed since the last time, and ${RECORD_FILE} stays as it is. holdfast doctor says more.`,
    };
  }
}

function lacking(config: WorkerConfig, classes: readonly string[]): Partial<WorkerConfig> {
  try {
    return configFor(config, classes);
  } catch (error) {
    throw new Failure(error instanceof Error ? error.message : String(error), 1, { cause: error });
  }
}

/** Classes that the configuration says are there, and that hold data therefore. */
function registeredClasses({ exports = {}, migrations = [] }: WorkerConfig): string[] {
  const declared = Object.entries(exports)
    .filter(([, what]) => (what as { type?: unknown } | undefined)?.type === "durable-object")
    .map(([name]) => name);
  const migrated = new Set<string>();
  for (const step of migrations) {
    const { new_classes = [], new_sqlite_classes = [], renamed_classes = [] } = step;
    for (const name of [...new_classes, ...new_sqlite_classes]) migrated.add(name);
    for (const { from, to } of renamed_classes) {
      migrated.delete(from);
      migrated.add(to);
    }
    for (const name of step.deleted_classes ?? []) migrated.delete(name);
  }
  return [...new Set([...declared, ...migrated])];
}

function missingClass(name: string, classes: readonly string[]): string {
  const others = classes.length > 0 ? ` (it exports ${classes.join(", ")})` : "";
  return `The class ${name} is registered, and the entry does not export it${others}. Was it renamed? Its objects keep their data under the old name: export it under that name, or tell Cloudflare of the new one (renamed_classes). Was it removed? Deploying may delete what its objects hold, for good.`;
}
