/** Where each of `wanted` stands in `items`; `undefined` if they stand in that order already. */
export function orderOf(
  items: readonly unknown[],
  wanted: readonly unknown[],
): number[] | undefined {
  if (items.every((item, index) => Object.is(item, wanted[index]))) return undefined;
  const places = new Map(items.map((item, index) => [item, index]));
  // True because both hold the same, each once.
  return wanted.map((item) => places.get(item) as number);
}
