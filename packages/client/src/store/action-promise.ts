import type { HoldfastError } from "@holdfast/protocol";
import type { Environment } from "../environment.ts";

/**
 * An action that was refused, or given up, and whose promise nobody looks at: one that was forgotten,
 * or one whose page is gone.
 */
export interface Rejection {
  readonly module: string;
  readonly key: string | undefined;
  readonly action: string;
  /** What it was called with; `undefined` where it has none. */
  readonly payload: unknown;
  readonly error: HoldfastError;
}

/**
 * The promise of an action's result. It knows whether anybody looks at it: `then`, `catch`,
 * `finally` or `await`. If so, a refusal is theirs, and the platform reports what they let slip. If
 * not, it goes to `onRejected` and the platform hears nothing of it: every refusal is reported once.
 */
export class ActionPromise<Result> extends Promise<Result> {
  #isWatched = false;

  // What `then` derives is an ordinary promise: it has a watcher of its own.
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  // oxlint-disable-next-line unicorn/no-thenable -- this is the `then` of a promise
  override then<Fulfilled = Result, Rejected = never>(
    onFulfilled?: ((value: Result) => Fulfilled | PromiseLike<Fulfilled>) | null,
    onRejected?: ((reason: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Fulfilled | Rejected> {
    this.#isWatched = true;
    return super.then(onFulfilled, onRejected);
  }

  /** Calls back if the promise is rejected and, by the end of that task, nobody looks at it. */
  ifIgnored(environment: Environment, callback: (error: HoldfastError) => void): this {
    super.then(undefined, (error: HoldfastError) => {
      environment.setTimeout(() => {
        if (!this.#isWatched) callback(error);
      }, 0);
    });
    return this;
  }
}
