import type { Answer, Value } from "@holdfast/protocol";
import type { ModuleDefinition } from "../module/definition.ts";
import type { Call } from "./call.ts";
import { SERVER } from "./server-identity.ts";

/** Code of the server asks for an action. */
export interface ServerCall {
  readonly action: string;
  readonly payload: Value;
  /** For the action: it knows who waits for it. `undefined`: the instance's own. */
  readonly env: unknown;
}

/** What it waits for, as a call that no client answers for. */
export function serverCall(
  { action, payload, env }: ServerCall,
  module: ModuleDefinition,
  onAnswer: (answer: Answer) => void,
): Call {
  return {
    type: "action",
    action: { name: action, payload },
    sequence: undefined,
    caller: SERVER,
    definition: module.actions.get(action),
    isTrusted: true,
    env,
    onAnswer: (answer) => onAnswer(answer ?? NOT_STORED),
  };
}

const NOT_STORED: Answer = {
  type: "reject",
  error: {
    code: "BUSY",
    message: "Storage did not take what the action did, so nothing of it happened. Try again.",
  },
};

/** So many wait already that no more may. */
export const TOO_MANY_WAIT: Answer = {
  type: "reject",
  error: {
    code: "BUSY",
    message:
      "Too many actions wait at the instance for one that has written and awaits. Try again later; see which action the log warns of.",
  },
};
