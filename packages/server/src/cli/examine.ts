import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { findDecorated, hasSystem, type Source, sourcesOf } from "../config/decorated-source.ts";
import { examineEntryFacts } from "../config/examine-entry.ts";
import type { EntryFacts } from "../config/find-object-classes.ts";
import { configFor } from "../config/worker-config.ts";
import { examineApp } from "./app/examine-app.ts";
import type { Finding } from "./finding.ts";
import { isConfiguredByVite, packageFolder, type Project, readEntry } from "./project.ts";

/** From this date on an object is found by the class that the Worker exports, without a binding. */
const LEAST_DATE = "2025-11-17";
/** These give systems their fields back after an `await`. */
const ASYNC_CONTEXT = ["nodejs_als", "nodejs_compat"];
/** From this date on they are there without a flag. */
const NODE_DATE = "2026-08-04";

/** Looks at a project for the usual mistakes. */
export async function examine(project: Project): Promise<Finding[]> {
  const sources = sourcesOf(project.folder);
  return [
    ...(await examineEntry(project)),
    examineDate(project),
    examineFlags(project, sources),
    examineDecorators(project, sources),
    examineSecret(project),
    examineWorkerd(project),
  ];
}

async function examineEntry(project: Project): Promise<Finding[]> {
  let facts: EntryFacts;
  try {
    facts = await readEntry(project);
  } catch (error) {
    const mend = error instanceof Error ? error.message : String(error);
    return [{ check: "entry", level: "error", what: "The Worker's entry cannot be read.", mend }];
  }
  const mistakes = examineEntryFacts(facts, project.config).map(
    ({ level, what, mend }): Finding => ({
      check: "export",
      level,
      what: `${ENTRY}: ${what}`,
      mend,
    }),
  );
  if (mistakes.some(({ level }) => level === "error")) return mistakes;
  const classes = facts.classes.map(({ name }) => name);
  if (classes.length === 0) {
    return [
      {
        check: "export",
        level: "warning",
        what: `${ENTRY} exports no Durable Object class.`,
        mend: "Make one: createWorker() of @holdfast/server/cloudflare.",
      },
    ];
  }
  return [
    { check: "export", level: "ok", what: `${ENTRY} exports ${classes.join(", ")}.` },
    ...mistakes,
    examineRegistration(project, classes),
    ...(facts.makesWorker ? await examineApp(project) : []),
  ];
}

const ENTRY = "The Worker's entry";

function examineRegistration(project: Project, classes: readonly string[]): Finding {
  const check = "registration";
  if (isConfiguredByVite(project)) {
    return { check, level: "ok", what: "Vite's plugin registers the classes." };
  }
  try {
    const { exports, migrations } = configFor(project.config, classes);
    if (!exports && !migrations) {
      return { check, level: "ok", what: "The classes are registered, with SQLite." };
    }
    return {
      check,
      level: "error",
      what: `${project.configFile} does not register all of the classes.`,
      mend: "Run: holdfast deploy. It shows what it adds. Or use holdfastWorker() of @holdfast/server/vite.",
    };
  } catch (error) {
    const mend = error instanceof Error ? error.message : String(error);
    return { check, level: "error", what: "A class has storage of the old kind.", mend };
  }
}

function examineDate({ config, configFile }: Project): Finding {
  const check = "compatibility date";
  const date = config.compatibility_date;
  const wrong = (what: string): Finding => ({
    check,
    level: "error",
    what,
    mend: `Write in ${configFile}: "compatibility_date": "${new Date().toISOString().slice(0, 10)}"`,
  });
  if (date === undefined) return wrong("There is no compatibility date.");
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) return wrong(`"${date}" is no compatibility date.`);
  const isBound = config.durable_objects?.bindings?.some(({ name }) => name === "ModuleObject");
  if (date < LEAST_DATE && !isBound) {
    return wrong(
      `The compatibility date ${date} is too old: before ${LEAST_DATE} an object is only found by a binding named ModuleObject.`,
    );
  }
  return { check, level: "ok", what: `The compatibility date is ${date}.` };
}

function examineFlags(project: Project, sources: readonly Source[]): Finding {
  const check = "compatibility flags";
  const { compatibility_flags: flags = [], compatibility_date: date = "" } = project.config;
  const has = date >= NODE_DATE || ASYNC_CONTEXT.some((flag) => flags.includes(flag));
  if (has || isConfiguredByVite(project)) {
    return { check, level: "ok", what: "Systems find their fields after an await." };
  }
  if (!sources.some(hasSystem)) {
    return { check, level: "ok", what: "No flag is needed: there are no systems." };
  }
  return {
    check,
    level: "error",
    what: "Systems lose their fields after an await: AsyncLocalStorage is switched off.",
    mend: `Write in ${project.configFile}: "compatibility_flags": ["nodejs_als"]`,
  };
}

function examineDecorators({ viteConfig }: Project, sources: readonly Source[]): Finding {
  const check = "decorators";
  const decorated = findDecorated(sources);
  if (!decorated) return { check, level: "ok", what: "There are no decorators to lower." };
  // Without Vite, wrangler's own bundler lowers them.
  if (viteConfig === undefined || /\bholdfast\s*\(\s*\)/.test(viteConfig)) {
    return { check, level: "ok", what: "Decorators are lowered." };
  }
  return {
    check,
    level: "error",
    what: `${decorated.file} has decorators, and Vite hands them on as they are: they fail when they are run.`,
    mend: 'Add holdfast() of "@holdfast/server/vite" to the plugins in vite.config.',
  };
}

function examineSecret({ folder, config }: Project): Finding {
  const check = "secret";
  const { vars } = config as { readonly vars?: Readonly<Record<string, unknown>> };
  if (vars && ("HOLDFAST_SECRET" in vars || "HOLDFAST_ADMIN_TOKEN" in vars)) {
    return {
      check,
      level: "error",
      what: "A secret stands in the configuration, for everybody who reads the repository.",
      mend: "Take it out of `vars`, make another one, and run: npx wrangler secret put HOLDFAST_SECRET",
    };
  }
  const files = [".dev.vars", ".env", ".env.local"].map((name) => join(folder, name));
  if (
    files.some((file) => existsSync(file) && /^HOLDFAST_SECRET=/m.test(readFileSync(file, "utf8")))
  ) {
    return { check, level: "ok", what: "HOLDFAST_SECRET is set for development." };
  }
  return {
    check,
    level: "warning",
    what: "HOLDFAST_SECRET is not set here; whether it is in production cannot be seen from here.",
    mend: "Without it a generated one is used, which cannot be rotated. Run: npx wrangler secret put HOLDFAST_SECRET",
  };
}

function examineWorkerd({ folder }: Project): Finding {
  const check = "workerd";
  const copies = workerdCopies(folder);
  if (copies.size <= 1)
    return { check, level: "ok", what: "There is one copy of workerd at most." };
  const list = [...copies].map(([path, from]) => `${path} (of ${from.join(", ")})`).join("; ");
  return {
    check,
    level: "error",
    what: `There are ${copies.size} copies of workerd, which do not run each other's objects: ${list}`,
    mend: "Use versions of wrangler, @cloudflare/vite-plugin and @cloudflare/vitest-plugin that were released together, then: npm dedupe",
  };
}

/** Who brings which copy. */
function workerdCopies(folder: string): Map<string, string[]> {
  const copies = new Map<string, string[]>();
  for (const brought of ["wrangler", "@cloudflare/vite-plugin", "@cloudflare/vitest-plugin"]) {
    const through = [
      [brought, "workerd"],
      [brought, "miniflare", "workerd"],
      [brought, "wrangler", "workerd"],
    ];
    for (const chain of through) {
      const path = resolveChain(folder, chain);
      if (path === undefined) continue;
      const from = copies.get(path) ?? [];
      if (!from.includes(brought)) from.push(brought);
      copies.set(path, from);
    }
  }
  return copies;
}

function resolveChain(folder: string, chain: readonly string[]): string | undefined {
  let from = folder;
  for (const name of chain) {
    const found = packageFolder(from, name);
    if (found === undefined) return undefined;
    from = found;
  }
  return from;
}
