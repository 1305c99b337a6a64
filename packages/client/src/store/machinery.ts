import type { ClientLimits, HoldfastError, Value } from "@holdfast/protocol";
import type { StoredPatch } from "./pass.ts";
import type { PredictedAction, Prediction } from "./prediction.ts";
import type { Job, Recipe, Step, Update, UpdateOptions } from "./update.ts";

/**
 * The machinery of optimism. It is handed in, so that a bundle that never predicts holds neither it
 * nor immer.
 */
export interface Optimism {
  /** Says what an action will do. */
  predict(action: PredictedAction): Prediction;
  /** Runs the recipe of an `update`. Throws what the recipe throws. */
  step(recipe: Recipe, state: Value, limits: ClientLimits): Step;
  /** What an `update` is rejected with whose recipe threw. */
  toError(error: unknown): HoldfastError;
  /** The patches of recipes, on their way to the server. */
  createUpdate(options: UpdateOptions, jobs: readonly Job[], stored?: StoredPatch): Update;
}
