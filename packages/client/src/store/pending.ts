import type { HoldfastError } from "@holdfast/protocol";
import type { ActionText } from "./action-text.ts";
import type { Prediction } from "./prediction.ts";
import type { Update } from "./update.ts";

/** What an outbox holds from its making until it is answered: an action, or the patches of recipes. */
export type Pending = PendingAction | Update;

/** One action. What only patches have it lacks: it is always ready, and never made again. */
export interface PendingAction extends Partial<
  Record<"isReady" | "isDoubtful" | "prepare" | "outdate" | "stale", undefined>
> {
  readonly type: "action";
  readonly text: ActionText;
  /** When it was dispatched, in milliseconds since 1970. */
  readonly at: number;
  /** Says what it will do. */
  readonly prediction: Prediction | undefined;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: HoldfastError) => void;
}
