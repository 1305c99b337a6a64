import { derivedId, randomToken } from "@holdfast/protocol";
import { type EngineContext, INSTANCE, type InstanceMemory } from "../module/instance-memory.ts";
import type { ConnectionIdentity } from "./connection.ts";
import type { Sql } from "../module/sql.ts";
import type { Sequence } from "./sequences.ts";

/** 132 random bits. */
const ID_CHARACTERS = 22;

/** What the handler of one action is given. */
export function createContext(parts: {
  readonly state: object;
  readonly caller: ConnectionIdentity;
  readonly env: unknown;
  readonly instance: InstanceMemory;
  readonly sequence: Sequence | undefined;
  readonly now: number;
  readonly commit: () => Promise<void>;
  /** Asked when an action first uses its database: most never do. */
  readonly sql: () => Sql;
}): EngineContext {
  // What has no sequence is never made again: its ids are nobody's to foresee.
  const { client, seq } = parts.sequence ?? { client: randomToken(ID_CHARACTERS), seq: 1 };
  let ids = 0;
  let sql: Sql | undefined;
  return {
    [INSTANCE]: parts.instance,
    state: parts.state,
    session: { id: parts.caller.session },
    user: parts.caller.user,
    env: parts.env,
    actionId: `${client}:${seq}`,
    now: parts.now,
    commit: parts.commit,
    get sql() {
      return (sql ??= parts.sql());
    },
    randomId: () => derivedId(client, seq, ids++),
  };
}
