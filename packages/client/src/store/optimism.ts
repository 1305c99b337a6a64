import { cloneValue, derivedId, EXPLAIN, HoldfastError, type Value } from "@holdfast/protocol";
import type { Optimism, PredictedAction, Prediction, PredictionContext } from "./prediction.ts";
import { runRecipe } from "./recipe.ts";

/** Predicts with immer: reducers edit a draft of the state. */
export const optimism: Optimism = (action) => new ReducerPrediction(action);

class ReducerPrediction implements Prediction {
  readonly #action: PredictedAction;
  readonly #payload: Value;
  readonly #now: number;
  #isReported = false;

  constructor(action: PredictedAction) {
    this.#action = action;
    // The caller may change what it passed after the call.
    this.#payload = cloneValue(action.payload);
    this.#now = action.environment.now();
  }

  replay(base: Value): Value {
    const { reducer, client, seq } = this.#action;
    let ordinal = 0;
    const context: PredictionContext = {
      now: this.#now,
      randomId: () => derivedId(client, seq, ordinal++),
    };
    // The draft may take parts of the payload in and change them there: every run gets its own.
    const payload = cloneValue(this.#payload);
    try {
      return runRecipe(base, (draft) => {
        // True because whoever dispatches has checked reducer and payload against the contract.
        const returned = reducer(draft as never, payload as never, context);
        if (returned instanceof Promise) {
          throw new Error(
            EXPLAIN
              ? "An optimistic reducer is synchronous: it runs again at every change."
              : "async",
          );
        }
      });
    } catch (error) {
      this.#report(error);
      return base;
    }
  }

  /** A reducer that shares its checks with the server may refuse; any other error is a mistake. */
  #report(error: unknown): void {
    if (this.#isReported || error instanceof HoldfastError) return;
    this.#isReported = true;
    this.#action.environment.report(
      `Holdfast: the optimistic reducer of "${this.#action.action}" threw${EXPLAIN ? ", so the action shows only once the server has answered" : ""}.`,
      error,
    );
  }
}
