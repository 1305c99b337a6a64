/**
 * `npm run prove -- <name|all> [--n N] [--seed S] [--target T] [--json] [--short] [--write]`
 *
 * Runs a proof, prints what was run and every figure, and exits with 1 when it falls short. `--write`
 * keeps the figures in `prove/figures/` and makes `docs/proofs.md` of all that are kept there.
 */
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { circumstances } from "../scripts/circumstances.ts";
import { KeptJson } from "../scripts/kept-json.ts";
import { type KeptReport, proofsPage } from "./proofs-page.ts";
import { PROOFS, type ProofEntry, type ProofName } from "./proofs.ts";
import type { ProofOptions, ProofReport, Target } from "./report.ts";

const USAGE = `npm run prove -- <${Object.keys(PROOFS).join("|")}|all> [--n N] [--seed S] [--target T] [--json] [--short] [--write]

  --n       how often; by default what the proof was made for
  --seed    repeats a run; by default a random one, which is printed
  --target  workerd or node, for a proof that is run on both: on this one only
  --short   the size that CI runs
  --json    one JSON document on standard output, nothing else
  --write   keeps the figures of whole runs, and makes docs/proofs.md of all that are kept`;

/** What a proof runs on that is for one platform. */
const WORKERD: Target = "workerd";

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const asked = parse(args);
  if (asked === undefined) {
    console.error(USAGE);
    return 2;
  }
  const reports: (ProofReport & { command: string })[] = [];
  const kept = new KeptJson<KeptReport>(new URL("./figures/", import.meta.url));
  for (const { name, target } of asked.runs) {
    const options = asked.options(name, target);
    const on = targetsOf(name) ? ` --target ${target}` : "";
    const command = `npm run prove -- ${name} --n ${options.n} --seed ${options.seed}${on}${options.short ? " --short" : ""}`;
    if (!asked.json) console.log(`\n$ ${command}`);
    const report = await run(name, options);
    reports.push({ command, ...report });
    if (!asked.json) print(report);
    if (asked.write) {
      const { what } = PROOFS[name];
      kept.keep(keptName(name, target), { about: circumstances(command), what, report });
    }
  }
  if (asked.json) console.log(JSON.stringify(reports, null, 2));
  if (asked.write) {
    const names = allRuns(Object.keys(PROOFS).filter(isProofName), undefined);
    const page = proofsPage(kept.all(names.map(({ name, target }) => keptName(name, target))));
    kept.writePage(new URL("../docs/proofs.md", import.meta.url), page);
  }
  return reports.every((report) => report.passed) ? 0 : 1;
}

interface Run {
  readonly name: ProofName;
  readonly target: Target;
}

interface Asked {
  readonly runs: readonly Run[];
  readonly json: boolean;
  readonly write: boolean;
  readonly options: (name: ProofName, target: Target) => ProofOptions;
}

function parse(args: readonly string[]): Asked | undefined {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        n: { type: "string" },
        seed: { type: "string" },
        target: { type: "string" },
        json: { type: "boolean", default: false },
        short: { type: "boolean", default: false },
        write: { type: "boolean", default: false },
      },
    });
    const names = positionals.includes("all") ? Object.keys(PROOFS) : positionals;
    if (names.length === 0 || !names.every(isProofName)) return undefined;
    const runs = allRuns(names, values.target);
    if (runs.length === 0) return undefined;
    // Figures of a short run would pass for those of a whole one.
    if (values.write && values.short) return undefined;
    const n = values.n === undefined ? undefined : wholeNumber(values.n);
    const seed =
      values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : wholeNumber(values.seed);
    const progress = values.json ? () => undefined : (line: string) => console.log(`  ${line}`);
    return {
      runs,
      json: values.json,
      write: values.write,
      options: (name, target) => ({
        n: n ?? (values.short ? PROOFS[name].shortN : PROOFS[name].n),
        seed,
        target,
        short: values.short,
        progress,
      }),
    };
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return undefined;
  }
}

async function run(name: ProofName, options: ProofOptions): Promise<ProofReport> {
  const started = performance.now();
  try {
    const report = await (await PROOFS[name].load())(options);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    return { ...report, figures: { n: options.n, ...report.figures, seconds } };
  } catch (error) {
    // A proof that cannot run has proved nothing.
    const failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { name, passed: false, figures: { n: options.n }, failures: [failure] };
  }
}

function print(report: ProofReport): void {
  const width = Math.max(...Object.keys(report.figures).map((key) => key.length));
  for (const [key, value] of Object.entries(report.figures)) {
    console.log(`  ${key.padEnd(width)}  ${value}`);
  }
  for (const failure of report.failures) console.log(`  ✗ ${failure}`);
  console.log(report.passed ? `  ✓ ${report.name} holds` : `  ✗ ${report.name} falls short`);
}

function allRuns(names: readonly ProofName[], only: string | undefined): Run[] {
  return names.flatMap((name) =>
    (targetsOf(name) ?? [WORKERD])
      .filter((target) => only === undefined || only === target)
      .map((target) => ({ name, target })),
  );
}

function keptName(name: ProofName, target: Target): string {
  return targetsOf(name) ? `${name}-${target}` : name;
}

function targetsOf(name: ProofName): readonly Target[] | undefined {
  const entry: ProofEntry = PROOFS[name];
  return entry.targets;
}

function isProofName(name: string): name is ProofName {
  return Object.hasOwn(PROOFS, name);
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new Error(`"${text}" is not a whole number; give one that is zero or more`);
  }
  return value;
}
