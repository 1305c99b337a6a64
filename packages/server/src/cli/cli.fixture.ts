import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { onTestFinished } from "vitest";
import { main } from "./main.ts";

const ROOT = resolve(import.meta.dirname, "../../../..");

/** What a command said, and how it ended. */
export interface Said {
  readonly code: number;
  readonly printed: string;
  readonly noted: string;
  /** What somebody who watches saw of long work. */
  readonly progress: readonly string[];
}

/** Runs a command in this process; programs that it runs are real. */
export async function holdfast(
  args: readonly string[],
  options: {
    readonly cwd?: string;
    readonly env?: Readonly<Record<string, string>>;
    /** What a person at a terminal answers; without one nobody is there. */
    readonly answers?: boolean;
  } = {},
): Promise<Said> {
  const [printed, noted, progress]: [string[], string[], string[]] = [[], [], []];
  const { answers } = options;
  const code = await main(args, {
    cwd: options.cwd ?? tmpdir(),
    env: options.env ?? {},
    isTerminal: answers !== undefined,
    print: (line) => void printed.push(line),
    note: (line) => void noted.push(line),
    progress: (text) => void progress.push(text),
    confirm: async (question) => {
      noted.push(question);
      return answers === true;
    },
    run: (program, given, cwd) =>
      new Promise((done) => {
        const env = { ...process.env, NODE_ENV: undefined, WRANGLER_SEND_METRICS: "false" };
        const child = execFile(program, [...given], { cwd, env }, (_, stdout, stderr) => {
          noted.push(stdout, stderr);
          done(child.exitCode ?? 1);
        });
      }),
  });
  return { code, printed: printed.join("\n"), noted: noted.join("\n"), progress };
}

/**
 * A project of the test's own, gone when the test is over; with the packages of this repository, unless
 * it has some of its own.
 */
export function project(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-cli-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  if (!Object.keys(files).some((name) => name.startsWith("node_modules/"))) usePackages(folder);
  return folder;
}

/** Has a folder find the packages of this repository. */
export function usePackages(folder: string): void {
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"), "junction");
}

/** The same, with a wrangler that puts nothing online and says that it has. */
export function usePackagesWithoutAccount(folder: string): void {
  const modules = join(folder, "node_modules");
  mkdirSync(join(modules, "@holdfast"), { recursive: true });
  symlinkSync(join(ROOT, "packages/server"), join(modules, "@holdfast/server"), "junction");
  mkdirSync(join(modules, "wrangler/bin"), { recursive: true });
  writeFileSync(join(modules, "wrangler/package.json"), "{}");
  writeFileSync(
    join(modules, "wrangler/bin/wrangler.js"),
    "process.exitCode = Number(process.env.WRANGLER_FAILS ?? 0);",
  );
}

/** An entry that has everything. */
export const WORKER = `
import { app, durableObjectStore, global } from "@holdfast/server";
import { createWorker } from "@holdfast/server/cloudflare";
const counter = app
  .defineState({ count: 0 })
  .persist(durableObjectStore(global()))
  .onAction("increment", ({ state }) => ++state.count)
  .build();
const holdfast = createWorker({ modules: { counter } });
export const ModuleObject = holdfast.ModuleObject;
export default holdfast;
`;
