import { CODEC_VERSION, encodeValue, isPrimitive } from "@holdfast/protocol";
import type { Primitive, Value } from "@holdfast/protocol";
import { PART_KINDS } from "./part-node.ts";
import type { PartKind, PartNode, Run } from "./part-node.ts";

/** The `head` column of a part. */
export interface PartHead {
  readonly codec: number;
  readonly id: number;
  /** The checkpoint that wrote it. */
  readonly round: number;
  readonly kind: PartKind;
  readonly count: number;
  /** The part with what follows in the same container; 0 for none. */
  readonly next: number;
  /** Places whose values have parts of their own, and the first of those. */
  readonly children: readonly (readonly [local: Primitive, id: number])[];
}

/** `[codec, id, round, kind, count, next, children]`; children by the codec: a Map's keys may be anything. */
export function encodePartHead(node: PartNode, at: number, round: number): string {
  // True because every caller names a run of the node.
  const run = node.runs[at] as Run;
  const next = node.runs[at + 1]?.id ?? 0;
  const children = [...(run.children ?? [])].map(([local, child]) => [
    local,
    child.runs[0]?.id ?? 0,
  ]);
  return `[${CODEC_VERSION},${run.id},${round},"${node.kind}",${run.count},${next},${encodeValue(children)}]`;
}

/**
 * @param head decoded by the codec
 * @throws Error when it is no head of a part
 */
export function decodePartHead(head: Value): PartHead {
  if (!Array.isArray(head) || head.length !== 7) throw badHead();
  // True because an array of the codec holds values.
  const [codec, id, round, kind, count, next, children] = head as Value[];
  if (!isCount(codec) || !isCount(id) || !isCount(round) || !isCount(count) || !isCount(next))
    throw badHead();
  if (!isPartKind(kind) || !Array.isArray(children)) throw badHead();
  return { codec, id, round, kind, count, next, children: children.map(decodeChild) };
}

function decodeChild(child: unknown): readonly [Primitive, number] {
  if (!Array.isArray(child) || child.length !== 2) throw badHead();
  const [local, id] = child;
  if (!isPrimitive(local) || !isCount(id)) throw badHead();
  // True because it was just found to be a primitive.
  return [local as Primitive, id];
}

function isPartKind(kind: Value): kind is PartKind {
  return PART_KINDS.some((one) => one === kind);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function badHead(): Error {
  return new Error("The head of a part does not have its shape.");
}
