import { encodeMessage, type Patch, replayPatches, type Value } from "@holdfast/protocol";
import { Journal } from "./journal.ts";
import type { FinishedSequence, JournalCommit } from "./journal-entry.ts";
import type { SqlPort } from "./sql-port.ts";
import { DEFAULT_LIMITS } from "@holdfast/protocol";

/** A list of small items of about `bytes` in all, and a counter beside it. */
export function stateOf(bytes: number): Value {
  const items = Array.from({ length: Math.ceil(bytes / 100) }, (_, id) => ({
    id,
    done: false,
    text: `an item of the list, which has a text of some length: ${id}`,
  }));
  return { count: 0, items };
}

/**
 * Rows written per action, over many small actions of a few clients all over the state: a field
 * here, an item there, now and then an item added and another removed.
 */
export function rowsPerAction(
  sql: SqlPort,
  options: { state: Value; actions: number; batch?: number; written: () => number },
): number {
  const journal = Journal.open(sql, {
    limits: DEFAULT_LIMITS,
    now: () => 1_800_000_000_000,
    epoch: "epoch",
  });
  let { state } = options;
  let seq = 0;
  write(1);
  const before = options.written();
  for (let done = 0; done < options.actions; done += options.batch ?? 1) {
    write(options.batch ?? 1);
    if (journal.checkpointDue()) journal.checkpoint(state);
  }
  return (options.written() - before) / options.actions;

  function write(actions: number): void {
    const commits: JournalCommit[] = [];
    const finished: FinishedSequence[] = [];
    for (let action = 0; action < actions; action++) {
      seq++;
      const version = journal.version + 1 + action;
      // None of them depends on those before.
      const patches = smallChange(state, seq);
      const text = encodeMessage({ type: "commit", version, mark: "mark", patches });
      commits.push({ version, text, patches });
      // Three clients in turn; each reports its last answer with its next action.
      const own = Math.ceil(seq / 3);
      const answer = { type: "ack" as const, version, result: undefined };
      finished.push({
        principal: "alice",
        client: `client-${seq % 3}`,
        seq: own,
        settled: own - 1,
        answer,
      });
    }
    if (journal.overtakes(commits)) journal.keep(state);
    for (const { patches } of commits) state = replayPatches(state, patches);
    const meta = { module: "list", key: "", schema: 1 };
    journal.write({ meta, mark: "mark", commits, finished, state: () => state });
  }
}

function smallChange(state: Value, at: number): Patch[] {
  // True because `stateOf` made the state.
  const { items } = state as { items: readonly { done: boolean }[] };
  const index = (at * 7_919) % items.length;
  switch (at % 10) {
    case 0:
      return [{ op: "replace", path: ["count"], value: at }];
    case 1:
      return [
        {
          op: "splice",
          path: ["items"],
          index: items.length,
          remove: 0,
          value: [{ id: at, done: false, text: "a new item" }],
        },
        { op: "splice", path: ["items"], index: 0, remove: 1, value: [] },
      ];
    default:
      return [{ op: "replace", path: ["items", index, "done"], value: at % 2 === 0 }];
  }
}
