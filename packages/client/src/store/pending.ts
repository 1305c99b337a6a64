import type { HoldfastError } from "@holdfast/protocol";
import type { ActionText } from "./action-text.ts";
import type { Prediction } from "./prediction.ts";
import type { Update } from "./update.ts";

/** What an outbox holds from its making until it is answered: an action, or the patches of recipes. */
export type Pending = PendingAction | Update;

/** One action. */
export interface PendingAction {
  readonly type: "action";
  readonly text: ActionText;
  /** When it was dispatched, in milliseconds since 1970. */
  readonly at: number;
  readonly prediction: Prediction | undefined;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: HoldfastError) => void;
}
