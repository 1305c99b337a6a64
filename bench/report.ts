import type { Circumstances } from "../scripts/circumstances.ts";
import type { Figure } from "./figure.ts";

/** One benchmark's figures. */
export interface Section {
  readonly title: string;
  readonly figures: readonly Figure[];
  /** Why it could not be run, instead of figures. */
  readonly failure?: string;
}

/** One benchmark's figures as they were measured last with `--write`, and how. */
export interface KeptFigures {
  readonly about: Circumstances & { readonly rounds: number };
  readonly section: Section;
}

/** For a terminal. */
export function printed(section: Section): string {
  const body = section.failure ?? table(rowsOf(section), (cells) => cells.join("  "));
  return `\n${section.title}\n${body}`;
}

/** `docs/benchmarks.md`, whole. */
export function markdown(kept: readonly KeptFigures[]): string {
  const missed = kept.flatMap(({ section }) =>
    section.figures.filter(({ passed }) => passed === false),
  );
  const machines = new Set(kept.map(({ about }) => `${about.machine}; ${about.versions}`));
  return `# Benchmarks

\`npm run bench -- --write\` wrote this page; nothing in it was written by hand. Under each table
stand the day, the commit and the command of its figures.

Machine: ${[...machines].join(" / ")}.

**L** is the reference: a bare hibernatable Durable Object that writes one row per message and
echoes it (\`bench/l-worker.ts\`), in the same run on the same machine. Each ratio is the median over
interleaved rounds (L, ours, L); a round in which L differs from itself by more than a tenth is run
again. "Batched" puts what has queued up while a frame is unanswered into the next frame.
${missed.length === 0 ? "Every target is reached." : `Targets missed: ${missed.length}.`}

${kept.map(({ section, about }) => `## ${section.title}\n\n${markdownTable(section)}\n\n${told(about)}`).join("\n\n")}
`;
}

function markdownTable(section: Section): string {
  const rows = rowsOf(section);
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const rule = line(widthsOf(rows).map((width) => "-".repeat(width)));
  const [head = "", ...body] = table(rows, line).split("\n");
  return [head, rule, ...body].join("\n");
}

function told({ date, commit, command, rounds }: KeptFigures["about"]): string {
  return `_${date}, commit ${commit}: \`${command}\`, ${rounds} rounds that count._`;
}

function rowsOf({ figures }: Section): string[][] {
  const head = ["", "ours", "reference", "ratio", "target", "", ""];
  return [head, ...figures.map((figure) => cellsOf(figure))];
}

function cellsOf(figure: Figure): string[] {
  const { reference, referenceName = "reference", ratio, passed } = figure;
  return [
    figure.name,
    `${short(figure.ours)} ${figure.unit}`,
    reference === undefined ? "" : `${referenceName} ${short(reference)}`,
    ratio === undefined ? "" : short(ratio),
    figure.target ?? "",
    passed === undefined ? "" : passed ? "✓" : "✗ missed",
    figure.note ?? "",
  ];
}

function table(rows: readonly string[][], line: (cells: readonly string[]) => string): string {
  const widths = widthsOf(rows);
  return rows
    .map((row) => line(row.map((cell, index) => cell.padEnd(widths[index] ?? 0))).trimEnd())
    .join("\n");
}

function widthsOf(rows: readonly string[][]): number[] {
  const columns = rows[0]?.length ?? 0;
  return Array.from({ length: columns }, (_, index) =>
    Math.max(3, ...rows.map((row) => row[index]?.length ?? 0)),
  );
}

/** Three digits that count, thousands grouped. */
function short(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const rounded = Number(value.toPrecision(3));
  return Math.abs(value) >= 1000
    ? Math.round(value).toLocaleString("en-US")
    : String(Math.abs(value) >= 100 ? Math.round(value) : rounded);
}
