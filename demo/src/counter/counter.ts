import { app, durableObjectStore, global, HoldfastError } from "@holdfast/server";
import { type CounterState, increment, LARGEST_STEP } from "./counter-actions.ts";

/** One count for everybody. */
export const counter = app
  .defineState<CounterState>({ count: 0 })
  .persist(durableObjectStore(global()))
  .onAction("increment", ({ state }, by: number = 1) => {
    if (!Number.isInteger(by) || by < 1 || by > LARGEST_STEP) {
      throw new HoldfastError("REFUSED", `A step is a whole number from 1 to ${LARGEST_STEP}.`);
    }
    return increment(state, by);
  })
  .build();
