import type { ActionMessage } from "@holdfast/protocol";
import type { ActionDefinition } from "../module/definition.ts";
import type { ConnectionIdentity } from "./connection.ts";
import type { Sequence } from "./sequences.ts";

/** An action that was taken in and is to be run. */
export interface Call {
  readonly action: ActionMessage;
  readonly sequence: Sequence;
  /** Of the connection that brought it. */
  readonly caller: ConnectionIdentity;
  /** `undefined` for an action that the module does not have. */
  readonly definition: ActionDefinition | undefined;
}
