import type { Circumstances } from "../scripts/circumstances.ts";
import type { ProofReport } from "./report.ts";

/** A proof's report as it was run last with `--write`, and how. */
export interface KeptReport {
  readonly about: Circumstances;
  /** What the proof does, in a sentence. */
  readonly what: string;
  readonly report: ProofReport;
}

/** `docs/proofs.md`, whole. */
export function proofsPage(kept: readonly KeptReport[]): string {
  const machines = new Set(kept.map(({ about }) => `${about.machine}; ${about.versions}`));
  return `# Proofs

What Holdfast promises is proved against the running thing, by commands. \`npm run prove -- <name> --write\`
wrote this page; nothing in it was written by hand. Each can be run again: a seed repeats a run to the last
step. \`npm run prove -- all --short\` runs all of them in a short form, as CI does.

Machine: ${[...machines].join(" / ")}.

${kept.map(section).join("\n\n")}
`;
}

function section({ about, what, report }: KeptReport): string {
  const rows = Object.entries(report.figures).map(([name, value]) => `| ${name} | ${value} |`);
  return [
    `## ${report.name}: ${report.passed ? "holds" : "falls short"}`,
    what,
    `\`${about.command}\`, ${about.date}, commit ${about.commit}`,
    ["| | |", "| - | - |", ...rows].join("\n"),
    ...report.failures.map((failure) => `- ${failure.split("\n")[0]}`),
  ].join("\n\n");
}
