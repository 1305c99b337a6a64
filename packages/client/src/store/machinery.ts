import type { ClientLimits, Value } from "@holdfast/protocol";
import type { Outbox } from "./outbox.ts";
import type { Pass, StoredPatch } from "./pass.ts";
import type { PredictedAction, Prediction } from "./prediction.ts";
import type { Job, Update, UpdateOptions } from "./update.ts";

/**
 * The machinery of optimism. It is handed in, so that a bundle that never predicts holds neither it
 * nor immer.
 */
export interface Optimism {
  /** Says what an action will do. */
  predict(action: PredictedAction): Prediction;
  /**
   * Runs a recipe and queues its patches, with those of others where that is possible.
   *
   * @returns what is shown from now on
   * @throws HoldfastError what the call of `update` is to be rejected with
   */
  queue(job: Job, queueing: Queueing): Value | undefined;
  /** The patches that a page which is gone has left behind. */
  adopt(options: UpdateOptions, job: Job, stored: StoredPatch): Update;
}

/** Where an update is queued, and on top of what. */
export interface Queueing {
  readonly outbox: Outbox;
  /** `undefined` until there is a state: then its recipe waits. */
  readonly shown: Value | undefined;
  /** The run that has led to what is shown. */
  readonly pass: Pass;
  readonly limits: ClientLimits;
  readonly at: number;
  /** Never merged with others: one of those it was merged with was refused. */
  readonly isAlone: boolean;
}
