import type { ActionMessage } from "@holdfast/protocol";
import type { ActionDefinition } from "../module/definition.ts";
import type { Sequence } from "./sequences.ts";

/** An action that was taken in and is to be run. */
export interface Call {
  readonly action: ActionMessage;
  readonly sequence: Sequence;
  readonly session: string;
  /** `undefined` for an action that the module does not have. */
  readonly definition: ActionDefinition | undefined;
}
