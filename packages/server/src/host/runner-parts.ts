import type { Limits } from "@holdfast/protocol";
import type { EngineContext, InstanceMemory } from "../module/instance-memory.ts";
import type { StateTree } from "../state/state-tree.ts";
import type { PatchLine } from "./client-patch-line.ts";
import type { ClientPatches } from "./client-patches.ts";
import type { SqlPort } from "../storage/sql-port.ts";
import type { Authority } from "./authority.ts";
import type { Committer } from "./commit.ts";
import type { ConnectionSide } from "./connection-side.ts";
import type { Moves } from "./move/moves.ts";
import type { News } from "./news.ts";
import type { Platform } from "./platform.ts";
import type { Schedule } from "./schedule.ts";
import type { Sequences } from "./sequences.ts";
import type { Streams } from "./stream/streams.ts";
import type { Turn } from "./turn.ts";

/** What running actions needs. */
export interface RunnerParts {
  readonly env: unknown;
  /** Where the module is a connection's. */
  readonly side: ConnectionSide | undefined;
  readonly sql: SqlPort;
  readonly instance: InstanceMemory;
  readonly authority: Authority;
  readonly tree: StateTree;
  readonly committer: Committer;
  readonly sequences: Sequences;
  readonly schedule: Schedule;
  readonly presence: () => EngineContext["presence"];
  readonly streams: Streams;
  readonly limits: Limits;
  readonly turn: Turn;
  /** `undefined`: the module does not let clients write. */
  readonly patches: ClientPatches | undefined;
  readonly line: PatchLine;
  readonly platform: Platform;
  /** Where the key is derived from the state. */
  readonly moves: () => Moves | undefined;
  /** Takes what is durable and may be told. */
  readonly tell: (news: readonly News[]) => void;
}
