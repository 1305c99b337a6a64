import { derivedId } from "@holdfast/protocol";
import { type EngineContext, INSTANCE, type InstanceMemory } from "../module/instance-memory.ts";
import type { Sequence } from "./sequences.ts";

/** What the handler of one action is given. */
export function createContext(parts: {
  readonly state: object;
  readonly session: { readonly id: string };
  readonly env: unknown;
  readonly instance: InstanceMemory;
  readonly sequence: Sequence;
  readonly now: number;
  readonly commit: () => Promise<void>;
}): EngineContext {
  const { client, seq } = parts.sequence;
  let ids = 0;
  return {
    [INSTANCE]: parts.instance,
    state: parts.state,
    session: parts.session,
    env: parts.env,
    actionId: `${client}:${seq}`,
    now: parts.now,
    commit: parts.commit,
    randomId: () => derivedId(client, seq, ids++),
  };
}
