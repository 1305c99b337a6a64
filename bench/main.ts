/**
 * `npm run bench [-- name…] [--json] [--rounds N] [--write] [--profile]`
 *
 * Measures Holdfast against L, prints every figure beside its target, and exits with 1 when one is
 * missed. `--write` keeps the figures in `bench/figures/` and makes `docs/benchmarks.md` of all that
 * are kept there, each with the day and the commit of its own.
 */
import { parseArgs } from "node:util";
import { BENCHES } from "./benches.ts";
import type { BenchOptions } from "./figure.ts";
import { hotFunctions } from "./hot-functions.ts";
import { circumstances } from "../scripts/circumstances.ts";
import { KeptJson } from "../scripts/kept-json.ts";
import { type KeptFigures, markdown, printed, type Section } from "./report.ts";

const USAGE = `npm run bench [-- name…] [--json] [--rounds N] [--write] [--profile]

  name      one or more of ${Object.keys(BENCHES).join(", ")}; all of them by default
  --rounds  interleaved rounds that count; 5 by default
  --json    one JSON document on standard output, nothing else
  --write   keeps the figures, and makes docs/benchmarks.md of all that are kept
  --profile instead of measuring, shows in which functions the server spends its time`;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const asked = parse(args);
  if (asked === undefined) {
    console.error(USAGE);
    return 2;
  }
  if (asked.profile) {
    console.log(await hotFunctions());
    return 0;
  }
  const command = ["npm run bench", ...(args.length > 0 ? ["--", ...args] : [])].join(" ");
  const about = { ...circumstances(command), rounds: asked.options.rounds };
  const kept = new KeptJson<KeptFigures>(new URL("./figures/", import.meta.url));
  const sections: Section[] = [];
  for (const name of asked.names) {
    const section = await run(name, asked.options);
    sections.push(section);
    if (!asked.json) console.log(printed(section));
    if (asked.write && section.failure === undefined) kept.keep(name, { about, section });
  }
  if (asked.json) console.log(JSON.stringify({ ...about, sections }, null, 2));
  if (asked.write) {
    const page = markdown(kept.all(Object.keys(BENCHES)));
    kept.writePage(new URL("../docs/benchmarks.md", import.meta.url), page);
  }
  const missed = sections.some(
    ({ figures, failure }) =>
      failure !== undefined || figures.some(({ passed }) => passed === false),
  );
  return missed ? 1 : 0;
}

interface Asked {
  readonly names: readonly string[];
  readonly json: boolean;
  readonly write: boolean;
  readonly profile: boolean;
  readonly options: BenchOptions;
}

function parse(args: readonly string[]): Asked | undefined {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        json: { type: "boolean", default: false },
        rounds: { type: "string", default: "5" },
        write: { type: "boolean", default: false },
        profile: { type: "boolean", default: false },
      },
    });
    const rounds = Number(values.rounds);
    if (!Number.isSafeInteger(rounds) || rounds < 1) return undefined;
    if (!positionals.every((name) => Object.hasOwn(BENCHES, name))) return undefined;
    // Figures of too few rounds would pass for good ones.
    if (values.write && rounds < 5) return undefined;
    const progress = (line: string): void => console.error(`  ${line}`);
    return {
      names: positionals.length > 0 ? positionals : Object.keys(BENCHES),
      json: values.json,
      write: values.write,
      profile: values.profile,
      options: { rounds, progress },
    };
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return undefined;
  }
}

async function run(name: string, options: BenchOptions): Promise<Section> {
  const bench = BENCHES[name];
  if (bench === undefined) throw new Error(`no benchmark is called ${name}`);
  try {
    return { title: bench.title, figures: await (await bench.load())(options) };
  } catch (error) {
    // The others can still be measured; the run as a whole has failed.
    const failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { title: bench.title, figures: [], failure };
  }
}
