import { HoldfastError, type Limits, randomToken } from "@holdfast/protocol";
import type { ModuleDefinition } from "../module/definition.ts";
import { type EngineCreatedContext, type InstanceMemory } from "../module/instance-memory.ts";
import type { StreamSource } from "../module/stream.ts";
import type { SqlPort } from "../storage/sql-port.ts";
import type { Committer } from "./commit.ts";
import { Effects } from "./effects.ts";
import type { Work } from "./run.ts";
import type { Platform } from "./platform.ts";
import type { History } from "./restore.ts";
import { createSql } from "./sql.ts";
import { interruptStreams } from "./stream/interrupt-streams.ts";
import { StreamRows } from "./stream/stream-rows.ts";

/** What an instance begins with. */
export interface BeginParts {
  readonly module: ModuleDefinition;
  readonly history: History;
  readonly committer: Committer;
  readonly platform: Platform;
  readonly env: unknown;
  readonly sql: SqlPort;
  readonly instance: InstanceMemory;
  readonly limits: Limits;
  readonly streams: StreamSource;
}

/** 192 random bits, like other ids. */
const ID_CHARACTERS = 32;

/**
 * What happens whenever an instance comes into memory, before anybody sees it: the state is brought
 * up to date, then `onCreated` runs; each is one commit, and none where nothing changes.
 *
 * @throws HoldfastError `RESTORE_FAILED` or `STORAGE_FAILED`
 */
export function begin(parts: BeginParts): void {
  const { module, history, committer, platform, env, sql, instance, streams } = parts;
  const { migrate, restored, readOnly } = history;
  const { created } = module.hooks;
  if (readOnly) return;
  const works: Work[] = [];
  if (migrate) works.push({ name: "restore", sequence: undefined, run: (state) => migrate(state) });
  works.push(...interrupted(parts));
  if (created) {
    const context: EngineCreatedContext = {
      memory: instance,
      restored,
      env,
      now: platform.now(),
      randomId: () => randomToken(ID_CHARACTERS),
      sql: createSql(sql, () => {}),
      streams,
    };
    works.push({
      name: "onCreated",
      sequence: undefined,
      savepoint: true,
      run: (state) => {
        const result: unknown = created(state, context);
        // Given back, so that it is refused: it could only write when everybody is there already.
        return result instanceof Promise ? result : undefined;
      },
    });
  }
  for (const work of works) run(committer, work);
}

/** Streams that were under way when the memory was lost: nobody goes on with them. */
function interrupted({ sql, limits }: BeginParts): Work[] {
  const rows = new StreamRows(sql);
  const ids = rows.all();
  if (ids.size === 0) return [];
  const effects = new Effects(limits);
  effects.write(() => rows.clear());
  const run = (state: object): void => interruptStreams(state, ids);
  return [{ name: "interrupted streams", sequence: undefined, effects, run }];
}

function run(committer: Committer, work: Work): void {
  const [outcome] = committer.commit([work]);
  if (outcome?.type !== "decided") {
    throw new HoldfastError(
      // A write that failed may succeed the next time.
      "STORAGE_FAILED",
      `What "${work.name}" changes could not be stored. The log says why; nothing was changed.`,
    );
  }
  const { answer } = outcome;
  if (answer.type === "ack") return;
  throw new HoldfastError(
    "RESTORE_FAILED",
    `The instance could not begin: "${work.name}" was refused (${answer.error.code}). The log says why; nothing was changed.`,
    { cause: new HoldfastError(answer.error.code, answer.error.message) },
  );
}
