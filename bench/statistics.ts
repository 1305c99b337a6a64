/** The middle of the values, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** By linear interpolation between the closest ranks; `fraction` from 0 to 1. */
export function percentile(values: readonly number[], fraction: number): number {
  if (values.length === 0) throw new Error("no values, so no percentile");
  const sorted = values.toSorted((a, b) => a - b);
  const rank = (sorted.length - 1) * fraction;
  const low = Math.floor(rank);
  // Both ranks are within the array, which is not empty.
  const below = sorted[low] as number;
  const above = sorted[Math.ceil(rank)] as number;
  return below + (above - below) * (rank - low);
}
