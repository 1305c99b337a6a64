import { CLIENT_MUTANTS } from "./client-mutants.ts";
import { CRASH_MUTANTS } from "./crash-mutants.ts";
import { GROUP_MUTANTS } from "./group-mutants.ts";
import { ISOLATION_MUTANTS } from "./isolation-mutants.ts";
import { KEYS_MUTANTS } from "./keys-mutants.ts";
import type { Mutant } from "./mutant.ts";
import { NODE_MUTANTS } from "./node-mutants.ts";
import { ROOMS_MUTANTS } from "./rooms-mutants.ts";
import { STORAGE_MUTANTS } from "./storage-mutants.ts";
import { STREAM_MUTANTS } from "./streams-mutants.ts";
import { WORLD_MUTANTS } from "./world-mutants.ts";

/** Every planted bug. Each area has a list of its own, beside the proof that hunts it. */
export const MUTANTS: readonly Mutant[] = [
  ...CLIENT_MUTANTS,
  ...CRASH_MUTANTS,
  ...GROUP_MUTANTS,
  ...ISOLATION_MUTANTS,
  ...KEYS_MUTANTS,
  ...NODE_MUTANTS,
  ...ROOMS_MUTANTS,
  ...STORAGE_MUTANTS,
  ...STREAM_MUTANTS,
  ...WORLD_MUTANTS,
];

/** Each of them, and before that what has to find nothing where nothing is planted. */
export const HUNTS: readonly Mutant[] = [
  ...(["world", "leaks", "crashes", "test"] as const).map((hunter) => ({
    name: `without any planted bug, ${hunter}`,
    hunter,
    edits: [],
    test: { project: "node", file: "prove/ends-within.test.ts", test: "" } as const,
  })),
  ...MUTANTS,
];
