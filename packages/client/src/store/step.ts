import {
  applyPatches,
  type ClientLimits,
  encodePatches,
  EXPLAIN,
  HoldfastError,
  type Patch,
  utf8Length,
  type Value,
} from "@holdfast/protocol";
import { derivePatches } from "./derive-patches.ts";
import { runRecipe } from "./recipe.ts";

/** Edits a draft of the state. Synchronous and pure: it may run often. */
export interface Recipe {
  (draft: never): unknown;
  /** Gives the next state itself, in place of the function. */
  readonly transform?: (state: Value) => Value;
  /** Is told what each run has made of what. */
  readonly onMade?: (before: Value, after: Value) => void;
}

/** What a recipe has made of a state. */
export interface Step {
  readonly patches: readonly Patch[];
  readonly state: Value;
  readonly bytes: number;
}

/**
 * What a recipe makes of a state.
 *
 * @throws what the recipe throws, or HoldfastError for what it has put into the draft
 */
export function step(recipe: Recipe, state: Value, limits: ClientLimits): Step {
  const next = recipe.transform ? recipe.transform(state) : run(recipe, state);
  const patches = derivePatches(state, next, limits);
  if (patches.length > limits.patchesPerClientPatch) {
    throw new HoldfastError(
      "TOO_MANY_WRITES",
      EXPLAIN &&
        `The recipe changes ${patches.length} places; ${limits.patchesPerClientPatch} are the most. Make several updates, or an action.`,
    );
  }
  const bytes = utf8Length(encodePatches(patches));
  if (bytes > limits.frameInBytes / 2) {
    throw new HoldfastError(
      "FRAME_TOO_LARGE",
      EXPLAIN &&
        `The recipe writes ${bytes} bytes; ${limits.frameInBytes / 2} are the most. Write in pieces, or keep large data elsewhere.`,
    );
  }
  const made = { patches, state: applyPatches(state, patches), bytes };
  recipe.onMade?.(state, made.state);
  return made;
}

function run(recipe: Recipe, state: Value): Value {
  return runRecipe(state, (draft) => {
    // True because whoever calls `update` has checked the recipe against the contract.
    const returned = recipe(draft as never);
    if (returned instanceof Promise) {
      returned.catch(() => undefined);
      throw new HoldfastError(
        "ASYNC_HANDLER",
        EXPLAIN &&
          "A recipe is synchronous: it runs again when the state has changed. Await first, then update.",
      );
    }
  });
}

/** What an `update` is rejected with. */
export function toError(error: unknown): HoldfastError {
  if (error instanceof HoldfastError) return error;
  return new HoldfastError(
    "REFUSED",
    EXPLAIN && `The recipe threw, so it changed nothing: ${String(error)}`,
    { cause: error },
  );
}
