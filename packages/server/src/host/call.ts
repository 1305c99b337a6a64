import type { ActionMessage, PatchMessage } from "@holdfast/protocol";
import type { ActionDefinition } from "../module/definition.ts";
import type { Connection, ConnectionIdentity } from "./connection.ts";
import type { Sequence } from "./sequences.ts";

/** What was taken in and is to be run. */
export type Call = ActionCall | PatchCall;

export interface ActionCall {
  readonly type: "action";
  readonly action: ActionMessage;
  readonly sequence: Sequence;
  /** Of the connection that brought it. */
  readonly caller: ConnectionIdentity;
  /** `undefined` for an action that the module does not have. */
  readonly definition: ActionDefinition | undefined;
}

export interface PatchCall {
  readonly type: "patch";
  readonly patch: PatchMessage;
  readonly sequence: Sequence;
  /** That brought it. */
  readonly connection: Connection;
}
