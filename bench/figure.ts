/** One measured figure beside what it has to reach. */
export interface Figure {
  /** What was measured, with its size: `round trip p50, 1 MB`. */
  readonly name: string;
  readonly ours: number;
  /** What the same run measured of what we compare with. */
  readonly reference?: number;
  /** `L`, `immer`, … */
  readonly referenceName?: string;
  /** `ms`, `µs`, `per second`, `bytes`, `rows`. */
  readonly unit: string;
  /** The median over the rounds of ours ÷ reference, or the quotient of the two. */
  readonly ratio?: number;
  /** In words, as in DESIGN 9; absent for figures that are only told. */
  readonly target?: string;
  readonly passed?: boolean;
  /** What a reader has to know to trust it: rounds repeated, spread. */
  readonly note?: string;
}

/** What a benchmark is given. */
export interface BenchOptions {
  /** Interleaved rounds that count; at least five for a figure that is written down. */
  readonly rounds: number;
  readonly progress: (line: string) => void;
}

/** A benchmark lives in `bench/<name>.ts`; `benches.ts` lists them. */
export type Bench = (options: BenchOptions) => Promise<Figure[]>;

/** A figure against a limit of its own unit. */
export function atMost(limit: number, figure: Omit<Figure, "target" | "passed">): Figure {
  const target = `at most ${limit} ${figure.unit}`;
  return { ...figure, target, passed: figure.ours <= limit };
}

/** A figure whose ratio to the reference may be `limit` at most. */
export function atMostTimes(
  limit: number,
  figure: Omit<Figure, "target" | "passed"> & { readonly referenceName: string },
): Figure {
  const ratio = ratioOf(figure);
  const target = `at most ${limit} × ${figure.referenceName}`;
  return { ...figure, ratio, target, passed: ratio <= limit };
}

/** A figure whose ratio to the reference must be `limit` at least. */
export function atLeastTimes(
  limit: number,
  figure: Omit<Figure, "target" | "passed"> & { readonly referenceName: string },
): Figure {
  const ratio = ratioOf(figure);
  const target = `at least ${limit} × ${figure.referenceName}`;
  return { ...figure, ratio, target, passed: ratio >= limit };
}

function ratioOf(figure: Omit<Figure, "target" | "passed">): number {
  if (figure.ratio !== undefined) return figure.ratio;
  if (figure.reference === undefined || figure.reference === 0) {
    throw new Error(`"${figure.name}" has nothing to be compared with`);
  }
  return figure.ours / figure.reference;
}
