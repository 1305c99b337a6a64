import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const PROGRAM = fileURLToPath(new URL("live-shapes.fixture.ts", import.meta.url));
const PATIENCE_MS = 60_000;

test(
  "a major garbage collection between two actions keeps the optimised code",
  async () => {
    const flags = ["--conditions=holdfast-source", "--expose-gc", "--trace-deopt", "--trace-gc"];
    const { stdout } = await promisify(execFile)(process.execPath, [...flags, PROGRAM], {
      maxBuffer: 100 * 1024 * 1024,
    });
    // V8 tells of a collection after what it has thrown away in it.
    const rounds = stdout.split(/Mark-Compact.*testing.*/);
    expect(rounds.length).toBe(9);
    // So that the test does not pass because V8 says it in other words.
    expect(stdout).toContain("for deoptimization, reason:");
    const lost =
      rounds
        .slice(4)
        .join("")
        .match(/weak objects cleared/g) ?? [];
    // A few that belong to the program itself are lost once. Without the shapes it is hundreds.
    expect(lost.length).toBeLessThan(40);
  },
  PATIENCE_MS,
);
