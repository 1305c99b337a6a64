import type { Value } from "@holdfast/protocol";
import { FieldWrite } from "../log/field-write.ts";
import { SpliceWrite } from "../log/splice-write.ts";
import type { Write } from "../log/write.ts";
import type { ArrayNode } from "../node.ts";

/** A stretch of an array that changed; what lies between gaps is as before. */
export interface Gap {
  /** Where it begins now. */
  readonly index: number;
  /** What stood there. */
  readonly removed: readonly Value[];
  /** What stands there now. */
  readonly inserted: readonly Value[];
}

/** Above so many pieces, comparing the whole array is cheaper than keeping account of them. */
const MOST_PIECES = 512;

/** A stretch of kept items, from index `base` on before; `base` is -1 for inserted ones. */
interface Piece {
  readonly base: number;
  readonly length: number;
}

/**
 * The gaps of an array, from its writes alone: a push onto 100,000 items looks at none of them.
 * `undefined` where the writes are so many or of such a kind that the items have to be compared.
 */
export function arrayGaps(node: ArrayNode, writes: readonly Write[]): Gap[] | undefined {
  let length = node.length;
  for (const write of writes) {
    if (write instanceof SpliceWrite) length += write.removed.length - write.inserted.length;
    else if (!(write instanceof FieldWrite)) return undefined;
  }
  const pieces = new Pieces(length);
  for (const write of writes) {
    if (write instanceof SpliceWrite) {
      pieces.splice(write.index, write.removed, write.inserted.length);
    } else if (write instanceof FieldWrite) {
      // True because arrays are written to by index, where a value stands.
      pieces.set(write.key as number, write.before as Value);
    }
    if (pieces.count > MOST_PIECES) return undefined;
  }
  return pieces.gaps(node);
}

/** What an array consists of: kept stretches of what it was, and inserted ones. */
export class Pieces {
  readonly #pieces: Piece[];
  /** The removed items of before, by the index that they had. */
  readonly #removed = new Map<number, Value>();
  readonly #length: number;

  constructor(length: number) {
    this.#length = length;
    this.#pieces = length === 0 ? [] : [{ base: 0, length }];
  }

  get count(): number {
    return this.#pieces.length;
  }

  set(index: number, before: Value): void {
    const [at] = this.#find(index + 1);
    // What was inserted is read from the array at the end, whatever was set there meanwhile.
    if (this.#pieces[at]?.base !== -1) this.splice(index, [before], 1);
  }

  splice(index: number, removed: readonly Value[], inserted: number): void {
    const pieces = this.#pieces;
    const [first, firstStart] = this.#find(index);
    const end = index + removed.length;
    let last = first;
    let start = firstStart;
    for (let piece = pieces[last]; piece && start + piece.length <= end; piece = pieces[++last]) {
      this.#keepRemoved(piece, start, index, removed);
      start += piece.length;
    }
    const [head, tail] = [pieces[first], pieces[last]];
    if (tail !== undefined) this.#keepRemoved(tail, start, index, removed);
    const parts = merged([
      head === undefined ? NOTHING : part(head, 0, Math.min(head.length, index - firstStart)),
      { base: -1, length: inserted },
      tail === undefined ? NOTHING : part(tail, Math.max(0, end - start), tail.length),
    ]);
    pieces.splice(first, last - first + (tail === undefined ? 0 : 1), ...parts);
  }

  gaps(node: ArrayNode): Gap[] {
    const gaps: Gap[] = [];
    let base = 0;
    let index = 0;
    let inserted = 0;
    for (const piece of [...this.#pieces, { base: this.#length, length: 0 }]) {
      if (piece.base === -1) {
        inserted += piece.length;
        continue;
      }
      if (inserted > 0 || piece.base > base) {
        gaps.push({
          index,
          removed: this.#removedBetween(base, piece.base),
          inserted: node.slice(index, index + inserted),
        });
      }
      index += inserted + piece.length;
      inserted = 0;
      base = piece.base + piece.length;
    }
    return gaps;
  }

  /** The piece that holds the item before `index`, or is the first, and where it starts. */
  #find(index: number): [at: number, start: number] {
    let at = 0;
    let start = 0;
    for (let piece = this.#pieces[0]; piece && start + piece.length < index;) {
      start += piece.length;
      piece = this.#pieces[++at];
    }
    return [at, start];
  }

  #keepRemoved(piece: Piece, start: number, index: number, removed: readonly Value[]): void {
    if (piece.base === -1) return;
    const from = Math.max(start, index);
    const until = Math.min(start + piece.length, index + removed.length);
    for (let at = from; at < until; at++)
      this.#removed.set(piece.base + at - start, removed[at - index]);
  }

  #removedBetween(from: number, until: number): Value[] {
    return Array.from({ length: until - from }, (_, offset) => this.#removed.get(from + offset));
  }
}

const NOTHING: Piece = { base: -1, length: 0 };

/** Without empty pieces, and with neighbouring inserted ones as one. */
function merged(pieces: readonly Piece[]): Piece[] {
  const result: Piece[] = [];
  for (const piece of pieces) {
    const last = result.at(-1);
    if (piece.length === 0) continue;
    if (last?.base !== -1 || piece.base !== -1) result.push(piece);
    else result[result.length - 1] = { base: -1, length: last.length + piece.length };
  }
  return result;
}

function part(piece: Piece, from: number, until: number): Piece {
  return { base: piece.base === -1 ? -1 : piece.base + from, length: until - from };
}
