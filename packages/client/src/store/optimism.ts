import { decodeValue, derivedId, EXPLAIN, HoldfastError } from "@holdfast/protocol";
import type { Optimism } from "./machinery.ts";
import type { PredictionContext } from "./prediction.ts";
import { queue } from "./queue-update.ts";
import { runRecipe } from "./recipe.ts";
import { Update } from "./update.ts";

const predict: Optimism["predict"] = ({
  environment,
  reducer,
  action,
  at,
  payload,
  client,
  seq,
}) => {
  let isReported = false;

  /** A reducer that shares its checks with the server may refuse; any other error is a mistake. */
  function report(error: unknown): void {
    if (isReported || error instanceof HoldfastError) return;
    isReported = true;
    environment.report(
      `Holdfast: the optimistic reducer of "${action}" threw${EXPLAIN ? ", so the action shows only once the server has answered" : ""}.`,
      error,
    );
  }

  return {
    replay(base, { predicted }) {
      const predict = reducer();
      if (!predict) return base;
      let ordinal = 0;
      const context: PredictionContext = {
        now: at,
        randomId: () => derivedId(client, seq, ordinal++),
      };
      // The draft may take parts of the payload in and change them: every run gets a copy of its own.
      const copy = payload && decodeValue(payload, [], { depth: Infinity });
      try {
        const shown = runRecipe(base, (draft) => {
          // True because whoever dispatches has checked reducer and payload against the contract.
          const returned = predict(draft as never, copy as never, context);
          if (returned instanceof Promise) {
            throw new Error(
              EXPLAIN
                ? "An optimistic reducer is synchronous: it runs again at every change."
                : "async",
            );
          }
        });
        predicted.push([base, shown]);
        return shown;
      } catch (error) {
        report(error);
        return base;
      }
    },
  };
};

/** Predicts and updates with immer: reducers and recipes edit a draft of the state. */
export const optimism: Optimism = {
  predict,
  queue,
  adopt: (options, job, stored) => new Update(options, [job], stored),
};
