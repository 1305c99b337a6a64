import type { Value } from "@holdfast/protocol";
import type { Environment } from "../environment.ts";
import type { Pass } from "./pass.ts";

/** What a reducer is given beside draft and payload; the server's action is given the same. */
export interface PredictionContext {
  /**
   * Milliseconds since 1970, the same in every replay, and in the server's action if that starts soon
   * enough: what was made offline long ago, or by a clock that is wrong, is told the server's time.
   */
  readonly now: number;
  /** A fresh id, 32 hex digits; the same ones, in order, in every replay. */
  readonly randomId: () => string;
}

/** Says beforehand what an action will do. Synchronous and pure; what it returns is ignored. */
export type Reducer = (draft: never, payload: never, context: PredictionContext) => unknown;

/** One pending action's reducer with everything it needs to come to the same outcome again. */
export interface Prediction {
  /** `base` with the prediction on top; `base` itself if the reducer throws. */
  replay(base: Value, pass: Pass): Value;
}

/** What makes a prediction out of a dispatched action. */
export interface PredictedAction {
  readonly environment: Environment;
  /** `undefined` where nobody has said what the action will do: it shows nothing. */
  readonly reducer: () => Reducer | undefined;
  readonly action: string;
  /** When it was dispatched, in milliseconds since 1970. */
  readonly at: number;
  /** Encoded; `undefined`: the action has none. */
  readonly payload: string | undefined;
  readonly client: string;
  readonly seq: number;
}
