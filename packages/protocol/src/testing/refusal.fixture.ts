import { HoldfastError } from "../errors.ts";

/** The error that `run` throws; throws itself where there is none, or one of another class. */
export function refusal(run: () => unknown): HoldfastError {
  try {
    run();
  } catch (error) {
    if (error instanceof HoldfastError) return error;
    throw new Error("something else than a HoldfastError was thrown", { cause: error });
  }
  throw new Error("nothing was refused");
}
