import type { Value } from "@holdfast/protocol";
import { enableMapSet, Immer } from "immer";

enableMapSet();

// Freezing what a recipe leaves alone would walk the whole state.
const immer = new Immer({ autoFreeze: false });

/**
 * Runs a recipe on a draft of `base` and returns the outcome, sharing what it left alone. The only
 * import of immer: a bundle that never predicts leaves this file out.
 */
export function runRecipe(base: Value, recipe: (draft: Value) => void): Value {
  // True because every state is a plain object, which immer drafts as itself.
  return immer.produce(base, (draft) => recipe(draft as Value));
}
