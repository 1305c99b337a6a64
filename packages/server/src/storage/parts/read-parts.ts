import { CODEC_VERSION, decodeValue } from "@holdfast/protocol";
import { Damage } from "../damage.ts";
import type { SqlPort, SqlRow } from "../sql-port.ts";
import { storedByNewer } from "../storage-failure.ts";
import type { PartNode, Run } from "./part-node.ts";
import { decodePartHead } from "./part-row.ts";
import type { PartHead } from "./part-row.ts";

export interface FoundPart {
  readonly slot: number;
  readonly size: number;
  readonly head: PartHead;
}

/**
 * One string for many rows: handing over each row by itself costs a Durable Object several times as
 * much. `LIMIT` makes SQLite build the heads first: otherwise it carries all bodies through the grouping.
 */
const HEADS_TOGETHER = `SELECT '[' || group_concat(head) || ']' AS heads FROM (
    SELECT slot / 256 AS some, '[' || slot || ',' || ifnull(octet_length(body), 0) || ',' || head || ']' AS head
    FROM holdfast_parts LIMIT -1)
  GROUP BY some`;
const HEADS_ONE_BY_ONE = "SELECT slot, octet_length(body) AS size, head FROM holdfast_parts";

/** Reads which parts there are, of all checkpoints, without their texts. */
export function readPartHeads(sql: SqlPort): FoundPart[] {
  const parts = readTogether(sql) ?? sql.run(HEADS_ONE_BY_ONE).map(readOne);
  for (const { head } of parts) {
    if (head.codec > CODEC_VERSION) {
      throw storedByNewer("The codec of a part of the state", head.codec, CODEC_VERSION);
    }
  }
  return parts;
}

/** `undefined` when one of them cannot be decoded, or they are too long for one string. */
function readTogether(sql: SqlPort): FoundPart[] | undefined {
  try {
    return sql.run(HEADS_TOGETHER).flatMap(({ heads }) => {
      const rows = decodeValue(String(heads));
      if (!Array.isArray(rows)) throw new Error("The heads are not a list.");
      return rows.map(([slot, size, head]) => ({ slot, size, head: decodePartHead(head) }));
    });
  } catch {
    return undefined;
  }
}

function readOne({ slot, size, head }: SqlRow): FoundPart {
  try {
    const decoded = decodePartHead(decodeValue(String(head)));
    return { slot: Number(slot), size: Number(size ?? 0), head: decoded };
  } catch (cause) {
    throw damaged("the head of a part of the state cannot be read.", [Number(slot)], cause);
  }
}

/** The containers that have parts, from the one that begins with part `root`, and the ids of those parts. */
export function linkParts(
  found: ReadonlyMap<number, FoundPart>,
  root: number,
): { root: PartNode; used: ReadonlySet<number> } {
  const linked = new Set<number>();
  return { root: link(root), used: linked };

  function link(first: number): PartNode {
    const kind = take(first).head.kind;
    const runs: Run[] = [];
    for (let id = first; id !== 0;) {
      const { slot, size, head } = id === first ? peek(id) : take(id);
      if (head.kind !== kind)
        throw damaged("a part of the state belongs to something else.", [slot]);
      const children = new Map(head.children.map(([local, child]) => [local, link(child)]));
      runs.push({
        id,
        count: head.count,
        keys: undefined,
        children: children.size > 0 ? children : undefined,
        dirty: false,
        pending: false,
        slot,
        size,
        round: 0,
        fresh: undefined,
        gone: false,
      });
      id = head.next;
    }
    return { kind, runs, index: undefined, touched: false };
  }

  function take(id: number): FoundPart {
    const part = peek(id);
    if (linked.has(id)) throw damaged("a part of the state is used twice.", [part.slot]);
    linked.add(id);
    return part;
  }

  function peek(id: number): FoundPart {
    const part = found.get(id);
    if (!part) throw damaged("a part of the state is missing.", []);
    return part;
  }
}

/** What is wrong with which rows. */
export function damaged(problem: string, slots: readonly number[], cause?: unknown): Damage {
  return new Damage(problem, { table: "holdfast_parts", slots }, { cause });
}
