import { EXPLAIN } from "#explain";
import { HoldfastError } from "../errors.ts";
import { CLIENT_LIMITS } from "../limits.ts";
import { formatPath } from "../path.ts";
import type { Path } from "../path.ts";
import type { Primitive, Value } from "../value.ts";

export interface WalkOptions {
  /** What error messages call the place that paths begin at; `state` unless told. */
  readonly root?: string;
  /** Deepest nesting, counted from the root that `at` starts from; the default limit unless told. */
  readonly depth?: number;
  /**
   * For `cloneValue`: what stands in the copy for an object that the caller has made safe itself;
   * `undefined` to have it validated and copied. Asked before the object is looked at.
   */
  readonly take?: (value: object, depth: number) => Value | undefined;
}

/** What is left of a problem where explanations are left out. */
const REFUSED = "cannot be sent or stored";

/**
 * One bounded walk over a value: where it is, so that a refusal can name the path. Walkers write
 * `trail[depth]` before they go down and never clean up; `trail` is right up to the current depth.
 */
export class Walk {
  /**
   * Always there: while there is no instance of a class, a major garbage collection makes V8 forget
   * its shape, and all optimised code that knows it.
   */
  static readonly kept: Walk = new Walk([], {});

  readonly limit: number;
  readonly take: WalkOptions["take"];
  readonly #root: string;
  readonly #trail: Primitive[];
  readonly #nodes: object[] = [];

  constructor(at: Path, options: WalkOptions) {
    this.limit = options.depth ?? CLIENT_LIMITS.depth;
    this.take = options.take;
    this.#root = options.root ?? "state";
    this.#trail = [...at];
  }

  /** The segment that leads from the container at `depth` to what is looked at next. */
  step(depth: number, segment: Primitive): void {
    this.#trail[depth] = segment;
  }

  /** Called for each container and tagged value before what it holds is looked at. */
  enter(depth: number, node: object): void {
    if (depth >= this.limit) this.#refuseDepth(depth, node);
    // For an explanation alone.
    if (EXPLAIN) this.#nodes[depth] = node;
  }

  where(depth: number): string {
    return formatPath(this.#trail.slice(0, depth), this.#root);
  }

  /** Refuses what stands at `depth`: `state.a[3]` + `problem`, which names the place in any build. */
  refuse(depth: number, problem: string | false): never {
    throw new HoldfastError("VALUE_UNSUPPORTED", `${this.where(depth)} ${problem || REFUSED}`);
  }

  #refuseDepth(depth: number, node: object): never {
    this.#nodes[depth] = node;
    const cycle = describeCycle(this.#nodes.slice(0, depth + 1), (end) => this.where(end));
    const problem =
      EXPLAIN && `is nested deeper than ${this.limit} levels. Flatten it, or refer by ids.`;
    throw new HoldfastError(
      "VALUE_TOO_DEEP",
      cycle || `${this.where(depth)} ${problem || REFUSED}`,
    );
  }
}

type DescribeCycle = (nodes: readonly object[], where: (depth: number) => string) => string | false;

/** Which of `nodes`, each inside the one before, is in there twice. */
const describeCycle: DescribeCycle = EXPLAIN
  ? (nodes, where) => {
      for (const [end, node] of nodes.entries()) {
        const start = nodes.indexOf(node);
        // Not found: a place above `at`, where the walk has not been.
        if (start === -1 || start === end) continue;
        return (
          `${where(end)} refers back to ${where(start)}: a cycle cannot be stored. ` +
          "Refer by an id instead."
        );
      }
      return false;
    }
  : () => false;
