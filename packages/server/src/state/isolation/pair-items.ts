import type { Value } from "@holdfast/protocol";

/**
 * Which item of an array stands where which one stood in the array before: those that are in both
 * stay where they are, and between two of them the others are paired in order.
 */
export function* pairItems(
  before: readonly Value[],
  after: readonly Value[],
): Generator<readonly [Value, Value], void, undefined> {
  if (after.length === 0 || !before.some(isObject)) return;
  const stay = new Set(after.filter(isObject));
  /** What is gone, by what stood before it that stays. */
  const gone = new Map<Value | undefined, Value[]>();
  let run: Value[] = [];
  gone.set(undefined, run);
  for (const item of before) {
    if (stay.has(item)) gone.set(item, (run = []));
    else run.push(item);
  }
  let pasts: readonly Value[] = gone.get(undefined) ?? [];
  let at = 0;
  for (const item of after) {
    const behind = isObject(item) ? gone.get(item) : undefined;
    if (behind !== undefined) {
      pasts = behind;
      at = 0;
    } else if (at < pasts.length) yield [pasts[at++], item];
  }
}

function isObject(item: Value): boolean {
  return typeof item === "object" && item !== null;
}
