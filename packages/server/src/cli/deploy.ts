import { rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { type Command, ExitCode, Failure, type Surroundings, text } from "./command.ts";
import { type AppChange, WHERE } from "./app/compare-apps.ts";
import { RECORD_FILE, writeDeployed } from "./app/deployed-record.ts";
import { type Addition, withAdditions } from "./config-edits.ts";
import { type DeploymentPlan, planDeployment } from "./deployment-plan.ts";
import { programOf, type Project, readProject } from "./project.ts";
import { table } from "./table.ts";

export const deploy: Command = {
  summary: "adds what the Worker's configuration lacks, then deploys it",
  help: `holdfast deploy [options]

Shows the app's modules and connections, and how they differ from what is online; compares the
classes that the Worker exports with its configuration, shows what is lacking, adds it (comments stay),
and runs wrangler deploy. Where Vite's plugin is used (holdfastWorker), that adds it: the Worker is
built, and wrangler.jsonc stays as it is.

What is online is written into ${RECORD_FILE}, which belongs into the repository: renaming or
removing a module leaves data behind, and is warned of.

  --dry-run         everything up to wrangler's own dry run; changes nothing, needs no account
  --config <file>   default: wrangler.jsonc
  --env <name>      an environment of the configuration, passed on to wrangler
  --yes             does not ask; needed where nobody can answer and something is to be changed
  --json            the plan, and what came of it, as JSON

Examples:
  holdfast deploy --dry-run
  holdfast deploy --yes`,
  options: {
    "dry-run": { type: "boolean" },
    config: { type: "string" },
    env: { type: "string" },
    yes: { type: "boolean" },
    json: { type: "boolean" },
  },
  async run({ values, surroundings }) {
    const project = readProject(surroundings.cwd, text(values, "config"));
    const environment = text(values, "env");
    surroundings.progress("Reading the app …");
    const plan = await planDeployment(project, environment);
    const dry = values["dry-run"] === true;
    for (const line of described(plan, basename(project.configFile))) surroundings.note(line);
    if (!dry && !(await isAgreed(plan, values["yes"] === true, surroundings))) {
      surroundings.note("Nothing was changed, and nothing deployed.");
      return ExitCode.failed;
    }
    const args = [
      "deploy",
      ...(dry ? ["--dry-run"] : []),
      ...(environment === undefined ? [] : ["--env", environment]),
    ];
    const code = plan.byVite
      ? await deployBuilt(project, args, surroundings)
      : await deployPlain(project, plan, args, dry, surroundings);
    const { worker, app } = plan;
    if (code === 0 && !dry && app) writeDeployed(project.folder, worker, app);
    if (values["json"] === true) {
      const { classes, changes, warnings, byVite } = plan;
      const additions = plan.additions.map(({ at, value }) => ({ at, value }));
      const deployed = code === 0 && !dry;
      surroundings.print(
        JSON.stringify({
          worker,
          classes,
          modules: app?.modules,
          connections: app?.connections,
          changes,
          additions,
          warnings,
          byVite,
          dryRun: dry,
          deployed,
          code,
        }),
      );
    }
    return code === 0 ? ExitCode.done : ExitCode.failed;
  },
};

function described(plan: DeploymentPlan, file: string): string[] {
  const { worker, classes, additions, warnings, byVite } = plan;
  const lines = [
    `Worker: ${worker}`,
    ...appLines(plan),
    `Durable Object classes: ${classes.join(", ") || "none"}`,
  ];
  if (additions.length === 0) lines.push(`${file} lacks nothing.`);
  else lines.push(byVite ? `Added by Vite's plugin when it builds:` : `To be added to ${file}:`);
  lines.push(...additions.map(asLine));
  lines.push(...warnings.map((warning) => `Warning: ${warning}`));
  return lines;
}

/** What it is made of, and what of that is new: `+` new, `~` changed, `-` gone. */
function appLines({ app, changes }: DeploymentPlan): string[] {
  if (!app) return [];
  const { modules, connections } = app;
  const of = (what: AppChange["what"], name: string): AppChange[] =>
    (changes ?? []).filter((one) => one.what === what && one.name === name);
  const row = (what: AppChange["what"], name: string, how: readonly string[]): string[] => {
    const own = of(what, name);
    const mark = own.length === 0 ? " " : own.some(({ change }) => change === "new") ? "+" : "~";
    const details = own.map(({ change, detail }) => (change === "new" ? "new" : detail));
    return [`${mark} ${what}`, name, ...how, details.join("; ")];
  };
  const rows = [
    ...modules.map(({ name, keys, kept }) => row("module", name, [keys, WHERE[kept]])),
    ...connections.map(({ name, kept }) => row("connection", name, ["per user", WHERE[kept]])),
    ...(changes ?? [])
      .filter(({ change }) => change === "gone")
      .map(({ what, name, detail }) => [`- ${what}`, name, "", "", detail]),
  ];
  const known = changes
    ? []
    : [`What is online is not known yet: there is no ${RECORD_FILE} that says so.`];
  return [...(rows.length > 0 ? table(undefined, rows).split("\n") : []), ...known];
}

function asLine({ at, value }: Addition): string {
  return `  + ${at}: ${JSON.stringify(value)}`;
}

async function isAgreed(
  { additions, warnings, byVite }: DeploymentPlan,
  yes: boolean,
  { isTerminal, confirm }: Surroundings,
): Promise<boolean> {
  const changes = byVite ? 0 : additions.length;
  if (yes || changes + warnings.length === 0) return true;
  if (isTerminal) return confirm("Go on?");
  throw new Failure("Nobody is here to agree to that. Say --yes.", ExitCode.usage);
}

async function deployPlain(
  { folder, configFile, configText }: Project,
  { additions }: DeploymentPlan,
  args: readonly string[],
  dry: boolean,
  { run }: Surroundings,
): Promise<number> {
  const wrangler = programOf(folder, "wrangler", "bin/wrangler.js");
  const deployWith = (file: string): Promise<number> =>
    run(process.execPath, [wrangler, ...args, "--config", file], folder);
  if (additions.length === 0) return deployWith(configFile);
  const edited = withAdditions(configText, additions);
  if (!dry) {
    writeFileSync(configFile, edited);
    return deployWith(configFile);
  }
  // Beside the other one: paths in it are relative to where it is.
  const passing = join(folder, `.holdfast-dry-run-${process.pid}.jsonc`);
  try {
    writeFileSync(passing, edited);
    return await deployWith(passing);
  } finally {
    rmSync(passing, { force: true });
  }
}

/** The plugin has wrangler find what was built. */
async function deployBuilt(
  { folder }: Project,
  args: readonly string[],
  { run }: Surroundings,
): Promise<number> {
  const vite = programOf(folder, "vite", "bin/vite.js");
  const wrangler = programOf(folder, "wrangler", "bin/wrangler.js");
  const built = await run(process.execPath, [vite, "build"], folder);
  return built === 0 ? run(process.execPath, [wrangler, ...args], folder) : built;
}
