import type { StreamSource } from "../module/stream.ts";
import type { SqlPort } from "../storage/sql-port.ts";
import { actionTime } from "./action-time.ts";
import type { ActionCall } from "./call.ts";
import { Context } from "./context.ts";
import { TableStorage } from "./direct-storage.ts";
import type { Effects } from "./effects.ts";
import type { RunnerParts } from "./runner-parts.ts";
import { createSql } from "./sql.ts";

/** One run of an action's handler, as far as it differs with the kind of the action. */
export interface HandlerRun {
  readonly async: boolean;
  readonly state: object;
  readonly effects: Effects;
  readonly streams: StreamSource;
  /** The database, for a handler that may use it. */
  readonly database: () => SqlPort;
  /** It has written to the database. */
  readonly onWrite: () => void;
  readonly commit: () => Promise<void>;
}

/** What the handler of a call is given. */
export function callContext(parts: RunnerParts, call: ActionCall, run: HandlerRun): Context {
  const { instance, schedule, presence, limits, platform, side } = parts;
  const { action, sequence, id, caller, connection, page, env = parts.env } = call;
  const { async, state, effects, streams, database, onWrite, commit } = run;
  return new Context({
    state,
    caller,
    env,
    instance,
    sequence,
    id,
    effects,
    schedule,
    presence,
    now: actionTime(action.now, platform.now(), limits),
    streams,
    commit,
    sql: () => createSql(database(), onWrite),
    storage: () =>
      new TableStorage({
        sql: database(),
        limits,
        action: { name: action.name, async },
        onWrite,
      }),
    connectionEngine: side && (() => side.engine({ name: action.name, connection, page, effects })),
  });
}
