import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

/** The repository's root folder. */
export const ROOT: string = resolve(import.meta.dirname, "..");

/** Runs a program of this repository's tools with its output on the terminal; throws if it fails. */
export async function run(
  program: string,
  parameters: readonly string[],
  options: { readonly cwd?: string; readonly env?: Record<string, string> } = {},
): Promise<void> {
  const child = spawn(program, parameters, {
    cwd: options.cwd ?? ROOT,
    env: { ...process.env, ...options.env },
    stdio: ["ignore", "inherit", "inherit"],
    // npm and its .cmd shims start only through a shell on Windows.
    shell: process.platform === "win32",
  });
  const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
  if (code !== 0)
    throw new Error(`${program} ${parameters.join(" ")} ended with ${signal ?? code}`);
}

/** The path of a tool that the root package installs. */
export function tool(name: string): string {
  const path = join(ROOT, "node_modules/.bin", name);
  return process.platform === "win32" && existsSync(`${path}.cmd`) ? `${path}.cmd` : path;
}
