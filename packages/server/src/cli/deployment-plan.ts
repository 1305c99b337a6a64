import { configFor, type WorkerConfig } from "../config/worker-config.ts";
import { type Addition, additionsTo } from "./config-edits.ts";
import { Failure } from "./command.ts";
import { isConfiguredByVite, type Project, readEntry } from "./project.ts";

/** What deploying a project comes to. */
export interface DeploymentPlan {
  /** The Durable Object classes that the entry exports. */
  readonly classes: readonly string[];
  /** What the configuration lacks. */
  readonly additions: readonly Addition[];
  /** What may be meant otherwise; each with what to do. */
  readonly warnings: readonly string[];
  /** Vite's plugin adds what is lacking when it builds; the file stays as it is. */
  readonly byVite: boolean;
}

/**
 * Compares what a project exports with what its configuration registers.
 *
 * @throws Failure for what must not be deployed: a class that is not exported, or one that holds data
 * of the old key-value kind
 */
export async function planDeployment(project: Project): Promise<DeploymentPlan> {
  const { classes, makesWorker } = await readEntry(project);
  if (makesWorker && classes.length === 0) {
    throw new Failure(
      `${project.main} makes a worker with createWorker(), and does not export its class. Add: export const ModuleObject = holdfast.ModuleObject;`,
    );
  }
  const { config } = project;
  return {
    classes,
    additions: additionsTo(config, lacking(config, classes)),
    warnings: registeredClasses(config)
      .filter((name) => !classes.includes(name))
      .map((name) => missingClass(name, classes)),
    byVite: isConfiguredByVite(project),
  };
}

function lacking(config: WorkerConfig, classes: readonly string[]): Partial<WorkerConfig> {
  try {
    return configFor(config, classes);
  } catch (error) {
    throw new Failure(error instanceof Error ? error.message : String(error), 1, { cause: error });
  }
}

/** Classes that the configuration says are there, and that hold data therefore. */
export function registeredClasses({ exports = {}, migrations = [] }: WorkerConfig): string[] {
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
