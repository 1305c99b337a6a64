import { decodePatches } from "@holdfast/protocol";
import { type ActionRow, generationOf, isActionRow, sortLegacy } from "./cache/action-row.ts";
import type { DurableOutbox } from "./cache/durable-outbox.ts";
import type { KeptInstance } from "./keeper.ts";
import { outcomeUnknown, reportLost } from "./report-lost.ts";
import { ActionText } from "./store/action-text.ts";
import { Outbox, type OutboxKeeper } from "./store/outbox.ts";
import type { Pending } from "./store/pending.ts";
import type { Job } from "./store/update.ts";

/** Where the actions of a page that is gone are found, and who sends them now. */
export interface Adopter {
  readonly instance: KeptInstance;
  readonly isClosed: () => boolean;
  /** Where they are kept until they are answered. */
  readonly createOutbox: (rows: readonly ActionRow[]) => DurableOutbox;
  /** Nothing is left of them here. */
  readonly onDone: () => void;
}

/**
 * Takes over what a page has left behind, as its rows are kept: sends what may still be sent, and reports
 * the rest.
 */
export async function adoptRows(
  { instance, isClosed, createOutbox, onDone }: Adopter,
  rows: readonly unknown[],
): Promise<void> {
  const { environment, store } = instance;
  const generation = generationOf(rows);
  // The session has moved since, or before: they are for somebody else than is shown here.
  const isForeign = (generation ?? store.generation) !== (store.generation ?? generation);
  const { open, lost } = isForeign
    ? { open: [], lost: rows.filter(isActionRow) }
    : sortLegacy(rows, environment.now());
  const outbox = createOutbox(open);
  const [first, ...others] = open;
  for (const row of lost) reportLost(instance, row);
  // Before any is sent: the server is told that what came before the first is settled.
  if (rows.length > open.length) await outbox.prune();
  if (!first || isClosed()) return onDone();
  adoptOutbox(instance, [first, ...others], outbox, onDone, generation);
}

/**
 * Sends the actions of a page that is gone, under its client id.
 *
 * @param rows without a hole, in the order of their sequences
 * @param onDone nothing is left of them
 * @param generation how often the session had moved when that page was there, where it knew
 */
export function adoptOutbox(
  instance: KeptInstance,
  rows: readonly [ActionRow, ...ActionRow[]],
  keeper: OutboxKeeper,
  onDone: () => void,
  generation: number | undefined,
): void {
  const { store, onStalled } = instance;
  const { client, seq: first } = rows[0];
  let isStalled = false;
  const outbox = new Outbox(
    {
      ...instance,
      client,
      onStalled: () => {
        // Twice: the server has settled these long ago, and says nothing of them.
        if (isStalled) {
          for (const { seq } of rows) outbox.answered(seq)?.reject(outcomeUnknown());
          store.refresh();
        }
        isStalled = true;
        onStalled();
      },
      onSettled: () => store.settled(),
      onDone,
    },
    first - 1,
  );
  const actions = rows.map((row) => ({
    action: toPending(instance, row),
    isAnswered: row.isAnswered === true,
  }));
  outbox.adopt(actions, keeper);
  store.adopt(outbox, generation);
}

function toPending(instance: KeptInstance, row: ActionRow): Pending {
  const { environment, limits, optimism, options } = instance;
  const { client, seq, name, payload, at, patch } = row;
  if (patch && payload !== undefined && optimism) {
    const { base, after } = patch;
    const job: Job = {
      recipe: () => undefined,
      resolve: () => undefined,
      reject: (error) => reportLost(instance, row, error),
    };
    const patches = decodePatches(payload, limits);
    return optimism.adopt({ limits, client, seq, at }, job, { base, after, patches });
  }
  return {
    type: "action",
    text: new ActionText(client, { name, payload, now: at }, limits),
    at,
    prediction: optimism?.predict({
      environment,
      // Asked in every replay: components that know it may come later.
      reducer: () => options.reducer(name),
      action: name,
      at,
      payload,
      client,
      seq,
    }),
    // Who waited for it is gone.
    resolve: () => undefined,
    reject: (error) => reportLost(instance, row, error),
  };
}
