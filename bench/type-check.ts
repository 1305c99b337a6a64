import { spawnSync } from "node:child_process";
import { performance } from "node:perf_hooks";
import { tool } from "../scripts/run.ts";
import { GeneratedApp, type GeneratedAppOptions } from "./generated-app.ts";

/** What the compiler says of a generated app. */
export interface TypeCheck {
  readonly seconds: number;
  /** How many types it had to make of others: the same every time, on every machine. */
  readonly instantiations: number;
  /** Lines like `components/module0.tsx(5,3): error TS2339: …`. */
  readonly errors: readonly string[];
}

/**
 * Type-checks an app, as its author does.
 *
 * @param flags for the compiler
 */
export async function checkApp(
  options: GeneratedAppOptions,
  ...flags: readonly string[]
): Promise<TypeCheck> {
  await using app = await GeneratedApp.write(options);
  const started = performance.now();
  const { stdout, error } = spawnSync(
    tool("tsc"),
    ["-p", app.folder, "--extendedDiagnostics", "--pretty", "false", ...flags],
    {
      cwd: app.folder,
      encoding: "utf8",
    },
  );
  if (error) throw error;
  const seconds = (performance.now() - started) / 1_000;
  const instantiations = Number(/^Instantiations:\s+(\d+)/m.exec(stdout)?.[1]);
  if (!Number.isFinite(instantiations)) throw new Error(`The compiler tells nothing:\n${stdout}`);
  return {
    seconds,
    instantiations,
    errors: stdout.split("\n").filter((line) => / error TS\d+: /.test(line)),
  };
}
