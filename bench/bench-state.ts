/** One of the things that the benchmark's state is made of: about a hundred bytes. */
export interface BenchItem {
  title: string;
  done: boolean;
  edits: number;
}

/** The state that every benchmark fills in: records by id, as most apps hold. */
export interface BenchState {
  items: Record<string, BenchItem>;
}

/** A state whose JSON is about `bytes` long. */
export function benchState(bytes: number): BenchState {
  const items: Record<string, BenchItem> = {};
  const count = itemCount(bytes);
  for (let index = 0; index < count; index++) items[itemKey(index)] = benchItem(index);
  return { items };
}

export function benchItem(index: number): BenchItem {
  return {
    title: `an item with a title of ordinary length ${String(index).padStart(7, "0")}`,
    done: false,
    edits: 0,
  };
}

export function itemCount(bytes: number): number {
  return Math.max(1, Math.round(bytes / ITEM_BYTES));
}

export function itemKey(index: number): string {
  return `item-${index}`;
}

/** Of one entry with its key, as JSON; the test beside this file holds it against the encoding. */
const ITEM_BYTES = 95;
