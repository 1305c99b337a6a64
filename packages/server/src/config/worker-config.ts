/** What Holdfast reads and writes of a Worker's configuration (wrangler.jsonc). */
export interface WorkerConfig {
  readonly main?: string | undefined;
  readonly configPath?: string | undefined;
  readonly compatibility_flags?: readonly string[] | undefined;
  readonly exports?: Readonly<Record<string, unknown>> | undefined;
  readonly durable_objects?: { readonly bindings?: readonly ClassBinding[] } | undefined;
  readonly migrations?: readonly Migration[] | undefined;
  readonly assets?: { readonly run_worker_first?: boolean | readonly string[] } | undefined;
}

interface ClassBinding {
  readonly name: string;
  readonly class_name: string;
  readonly script_name?: string | undefined;
}

interface Migration {
  readonly tag: string;
  readonly new_sqlite_classes?: readonly string[] | undefined;
  readonly new_classes?: readonly string[] | undefined;
  readonly renamed_classes?: readonly { readonly from: string; readonly to: string }[] | undefined;
  readonly deleted_classes?: readonly string[] | undefined;
}

/** The paths that the Worker answers, also where an app serves files. */
const OWN_PATHS = "/holdfast/*";
/** Finds the fields of systems after an await; of no cost to others. */
const ASYNC_CONTEXT = ["nodejs_als", "nodejs_compat"];

/**
 * What has to be added to a configuration so that `classes` are there, with SQLite, and Holdfast's
 * paths reach the Worker. Nothing for what is configured already. Where a project has bindings or
 * migrations, classes are registered by them; elsewhere by declarative `exports`.
 *
 * @throws Error for a class that was registered without SQLite: its data is of the old kind, which
 * nothing here may touch
 */
export function configFor(config: WorkerConfig, classes: readonly string[]): Partial<WorkerConfig> {
  const missing = classes.filter((name) => !isRegistered(config, name));
  const flags = config.compatibility_flags ?? [];
  const hasFlag = ASYNC_CONTEXT.some((flag) => flags.includes(flag));
  return {
    ...(hasFlag ? {} : { compatibility_flags: [...flags, "nodejs_als"] }),
    ...assetsFor(config),
    ...(missing.length === 0
      ? {}
      : usesMigrations(config)
        ? migrationsFor(config, missing)
        : { exports: { ...config.exports, ...exportsFor(missing) } }),
  };
}

function isRegistered({ exports, migrations = [] }: WorkerConfig, name: string): boolean {
  if (exports && name in exports) return true;
  if (migrations.some(({ new_classes = [] }) => new_classes.includes(name))) {
    throw new Error(
      `Holdfast: the class ${name} was registered by new_classes, which is storage without SQLite, and cannot be changed for a class that holds data. Export Holdfast's class under another name.`,
    );
  }
  return migrations.some(
    ({ new_sqlite_classes = [], renamed_classes = [] }) =>
      new_sqlite_classes.includes(name) || renamed_classes.some(({ to }) => to === name),
  );
}

function usesMigrations({ durable_objects, migrations }: WorkerConfig): boolean {
  return (migrations?.length ?? 0) > 0 || (durable_objects?.bindings?.length ?? 0) > 0;
}

function exportsFor(classes: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    classes.map((name) => [name, { type: "durable-object", storage: "sqlite" }]),
  );
}

function migrationsFor(
  { durable_objects, migrations = [] }: WorkerConfig,
  classes: readonly string[],
): Partial<WorkerConfig> {
  const bindings = durable_objects?.bindings ?? [];
  const unbound = classes.filter((name) => !bindings.some((one) => one.class_name === name));
  return {
    durable_objects: {
      ...durable_objects,
      bindings: [...bindings, ...unbound.map((name) => ({ name, class_name: name }))],
    },
    migrations: [
      ...migrations,
      { tag: `holdfast-${classes.join("-")}`, new_sqlite_classes: classes },
    ],
  };
}

/** Files come first otherwise, and a page app answers every path with its page. */
function assetsFor({ assets }: WorkerConfig): Partial<WorkerConfig> {
  const first = assets?.run_worker_first;
  if (!assets || first === true || (Array.isArray(first) && first.includes(OWN_PATHS))) return {};
  const others = Array.isArray(first) ? (first as readonly string[]) : [];
  return { assets: { ...assets, run_worker_first: [...others, OWN_PATHS] } };
}
