import type { ActionMessage, Answer, PatchMessage } from "@holdfast/protocol";
import type { ActionDefinition } from "../module/definition.ts";
import type { Connection, ConnectionIdentity } from "./connection.ts";
import type { Effects } from "./effects.ts";
import type { Sequence } from "./sequences.ts";

/** What was taken in and is to be run. */
export type Call = ActionCall | PatchCall;

export interface ActionCall {
  readonly type: "action";
  readonly action: Pick<ActionMessage, "name" | "payload" | "now">;
  /** `undefined` for a hook: nobody waits for its answer, or asks twice. */
  readonly sequence: Sequence | undefined;
  /** Names a call without a sequence that may be made again: its ids are the same then. */
  readonly id?: string;
  /** What happens with it beside its own. */
  readonly effects?: Effects;
  /** Of the connection that brought it. */
  readonly caller: ConnectionIdentity;
  /** That connection; `undefined` where the server itself wants it. */
  readonly connection?: Connection;
  /** The connection's page, where it has only just said `hello`. */
  readonly page?: string | undefined;
  /** `undefined` for an action that the module does not have. */
  readonly definition: ActionDefinition | undefined;
  /** The server's own: nobody is asked whether it may be. */
  readonly isTrusted?: boolean;
  /** The Worker's environment, for a call that others wait for; `undefined`: the instance's own. */
  readonly env?: unknown;
  /** Told what became of it, behind everybody else; `undefined`: nothing was decided. */
  readonly onAnswer?: (answer: Answer | undefined) => void;
}

export interface PatchCall {
  readonly type: "patch";
  readonly patch: PatchMessage;
  readonly sequence: Sequence;
  /** That brought it. */
  readonly connection: Connection;
}
