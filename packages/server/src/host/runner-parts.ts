import type { InstanceMemory } from "../module/instance-memory.ts";
import type { StateTree } from "../state/state-tree.ts";
import type { SqlPort } from "../storage/sql-port.ts";
import type { Committer } from "./commit.ts";
import type { Moves } from "./move/moves.ts";
import type { News } from "./news.ts";
import type { Platform } from "./platform.ts";
import type { Sequences } from "./sequences.ts";
import type { Turn } from "./turn.ts";

/** What running actions needs. */
export interface RunnerParts {
  readonly env: unknown;
  readonly sql: SqlPort;
  readonly instance: InstanceMemory;
  readonly tree: StateTree;
  readonly committer: Committer;
  readonly sequences: Sequences;
  readonly turn: Turn;
  readonly platform: Platform;
  /** Where the key is derived from the state. */
  readonly moves: () => Moves | undefined;
  /** Takes what is durable and may be told. */
  readonly tell: (news: readonly News[]) => void;
}
