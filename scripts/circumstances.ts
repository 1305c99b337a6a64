import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { cpus, release, totalmem, type } from "node:os";

/** Where and how figures came to be. */
export interface Circumstances {
  readonly date: string;
  readonly machine: string;
  readonly versions: string;
  readonly commit: string;
  readonly command: string;
}

export function circumstances(command: string): Circumstances {
  const [cpu] = cpus();
  const require = createRequire(import.meta.url);
  const workerd = createRequire(require.resolve("wrangler/package.json"))("workerd/package.json");
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} × ${cpu?.model.trim() ?? "unknown"}, ${Math.round(totalmem() / 2 ** 30)} GB, ${type()} ${release()}`,
    // A package.json has a version.
    versions: `Node ${process.version}, workerd ${(workerd as { version: string }).version}`,
    commit: execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim(),
    command,
  };
}
