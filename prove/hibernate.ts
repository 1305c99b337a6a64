import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ProofOptions, ProofReport } from "./report.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const TEST = "packages/testing/worker/hibernation.workerd.test.ts";
/** Of what Vitest prints, the end says what went wrong. */
const SHOWN_CHARACTERS = 4_000;

/**
 * `n` scripts of two clients at a Durable Object on workerd, each played twice: with the object
 * evicted behind every step, its sockets hibernating, and never. What the clients hear must be equal,
 * frame by frame (G10).
 */
export async function hibernate({ n, seed }: ProofOptions): Promise<ProofReport> {
  const { code, output } = await vitest({
    HOLDFAST_SCRIPTS: String(n),
    HOLDFAST_SEED: String(seed),
  });
  return {
    name: "hibernate",
    passed: code === 0,
    figures: { "scripts, each with and without": n },
    failures: code === 0 ? [] : [output.slice(-SHOWN_CHARACTERS)],
  };
}

function vitest(env: Record<string, string>): Promise<{ code: number | null; output: string }> {
  const manifest = createRequire(import.meta.url).resolve("vitest/package.json");
  const command = join(dirname(manifest), "vitest.mjs");
  const child = spawn(process.execPath, [command, "run", "--project", "workerd", TEST], {
    cwd: ROOT,
    env: { ...process.env, NO_COLOR: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  }
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, output }));
  });
}
