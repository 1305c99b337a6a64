import {
  applyPatches,
  canonicalEncode,
  decodeServerFrame,
  decodeValue,
  encodeMessage,
  encodeValue,
  HoldfastError,
  type Patch,
  type Value,
  type ValueObject,
} from "@holdfast/protocol";
// The tracker is no public API, and a proof is of the tracker itself.
// oxlint-disable-next-line no-restricted-imports
import { StateTree } from "../packages/server/src/state/index.ts";
// oxlint-disable-next-line no-restricted-imports
import { keyIn, metaOf } from "../packages/server/src/state/node.ts";
import { childrenOf } from "./patches-model.ts";
import type { Container } from "./patches-model.ts";
import { sameValue } from "./same-value.ts";

/** What happened in all histories, to see that the interesting cases come up. */
export interface Tally {
  handlers: number;
  published: number;
  /** Published although others had committed since the handler's reads began. */
  overtaken: number;
  conflicts: number;
  threw: number;
  failedWrites: number;
  batches: number;
}

/** A tree, and a replica that knows it by its patches only. */
export class World {
  readonly tree: StateTree;
  readonly tally: Tally | undefined;
  /** The committed state, as a client has it. Never changes in place. */
  replica: Value;
  /** Counts commits. */
  commits = 0;

  constructor(initial: Record<string, unknown>, tally: Tally | undefined) {
    const text = encodeValue(initial);
    // An encoded object is decoded as one.
    this.tree = new StateTree(decodeValue(text) as ValueObject);
    this.replica = decodeValue(text);
    this.tally = tally;
  }

  count(what: keyof Tally): void {
    if (this.tally) this.tally[what]++;
  }

  /** Patches as they were derived, applied where they arrive. */
  deliver(text: string): void {
    this.replica = applyPatches(this.replica, transmitted(text));
  }

  /** The committed state is what the replica has: no unfinished write, none lost. */
  assertCommitted(when: string): void {
    const root = this.tree.committed();
    assertSame(`the committed state ${when}`, root, this.replica);
    assertSound(root as Container);
  }
}

/** The patches as they go over the wire. */
export function encoded(patches: readonly Patch[]): string {
  return encodeMessage({ type: "commit", version: 1, mark: "aaaaaa", patches });
}

export function assertSame(what: string, found: unknown, expected: unknown): void {
  if (sameValue(found, expected)) return;
  throw new Error(
    `${what} is not what it should be\n    expected ${canonicalEncode(expected)}` +
      `\n    found    ${canonicalEncode(found)}`,
  );
}

/** Nobody conflicts with himself: others have committed since his reads began afresh. */
export function assertRival(
  { message }: Error,
  handler: { readonly began: number; readonly since: number },
  commits: number,
): void {
  // A node or a Date that he has held for longer, others may have removed or changed before that.
  const isHeld = /was removed by|^state\.due was changed/.test(message);
  const since = isHeld ? handler.began : handler.since;
  if (since === commits) throw new Error(`a conflict with nobody: ${message}`);
}

export function isConflict(error: unknown): error is HoldfastError {
  return error instanceof HoldfastError && error.code === "CONFLICT";
}

function transmitted(text: string): readonly Patch[] {
  const [message] = decodeServerFrame(text);
  if (message?.type !== "commit") throw new Error("a commit came back as something else");
  return message.patches;
}

/** No node stands at two places, and each that was touched knows where it stands. */
function assertSound(root: Container): void {
  const seen = new Set<unknown>([root]);
  const visit = (node: Container): void => {
    for (const child of childrenOf(node)) {
      if (seen.has(child)) throw new Error("a node stands at two places of the tree");
      seen.add(child);
      const meta = metaOf(child);
      if (meta !== undefined && meta.parent !== node) {
        throw new Error(`a node does not know where it stands: ${canonicalEncode(child)}`);
      }
      // True because the model's containers are those of the tree.
      if (meta !== undefined) assertKey(node, child, keyIn(node as never, child as never, meta));
      visit(child);
    }
  };
  visit(root);
}

function assertKey(node: Container, child: Container, key: unknown): void {
  const found =
    node instanceof Map ? node.get(key) : (node as Record<string, unknown>)[String(key)];
  if (found !== child) throw new Error(`a node does not know its key: ${String(key)}`);
}
