import { decodePatches, decodeValue, EXPLAIN, HoldfastError } from "@holdfast/protocol";
import type { ActionRow } from "./cache/action-row.ts";
import type { KeptInstance } from "./keeper.ts";
import { ActionText } from "./store/action-text.ts";
import { Outbox, type OutboxKeeper } from "./store/outbox.ts";
import type { Pending } from "./store/pending.ts";
import type { Job } from "./store/update.ts";

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

/** Says of an action that was kept that nobody will ever hear of it. */
export function reportLost(
  { onRejected, module, key }: Pick<KeptInstance, "onRejected" | "module" | "key">,
  { name, payload, patch }: ActionRow,
  error: HoldfastError = outcomeUnknown(),
): void {
  onRejected({
    module,
    key,
    action: name,
    payload: patch ? undefined : decodePayload(payload),
    error,
  });
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

function decodePayload(payload: string | undefined): unknown {
  return payload === undefined ? undefined : decodeValue(payload);
}

function outcomeUnknown(): HoldfastError {
  return new HoldfastError(
    "OUTCOME_UNKNOWN",
    EXPLAIN &&
      "The page that sent the action is gone, and the server does not know it any more: it may have been done or not. Read the state before you try again.",
  );
}
