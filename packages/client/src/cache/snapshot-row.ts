import { decodeServerFrame, encodeValue, type SnapshotMessage } from "@holdfast/protocol";

/** A snapshot as it is kept: the very text that a server would send. */
export interface SnapshotRow {
  readonly text: string;
  /** Of the text: a state that was damaged would stay so, as patches are all that ever follows. */
  readonly sum: number;
  /** Where the key is derived from the state: how often the session had moved. */
  readonly generation?: number;
}

export function toSnapshotRow(
  snapshot: SnapshotMessage,
  generation: number | undefined,
): SnapshotRow {
  // No field of a snapshot but its state has anything to be tagged, and that one is whole.
  const text = encodeValue(snapshot, [], { depth: Infinity });
  return { text, sum: sumOf(text), ...(generation !== undefined && { generation }) };
}

/** How often the session had moved when a row was written; `undefined`: nobody knew. */
export function generationOfSnapshot(row: unknown): number | undefined {
  const { generation }: { readonly generation?: unknown } = Object(row);
  return typeof generation === "number" ? generation : undefined;
}

/** `undefined` for anything that `toSnapshotRow` has not made. */
export function readSnapshotRow(row: unknown): SnapshotMessage | undefined {
  const { text, sum }: { readonly text?: unknown; readonly sum?: unknown } = Object(row);
  if (typeof text !== "string" || sumOf(text) !== sum) return undefined;
  try {
    const [message] = decodeServerFrame(text);
    return message?.type === "snapshot" ? message : undefined;
  } catch {
    // A version of this code that kept snapshots in another way.
    return undefined;
  }
}

/** FNV-1a: finds accidents. */
function sumOf(text: string): number {
  let sum = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    sum = Math.imul(sum ^ text.charCodeAt(index), 0x01000193);
  }
  return sum;
}
