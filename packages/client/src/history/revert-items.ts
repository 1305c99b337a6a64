import type { Value } from "@holdfast/protocol";
import { isSameItem } from "../store/array-patches.ts";
import { isSame, type Place } from "./place.ts";

type Items = readonly Value[];

/**
 * Arrays: items are found again by their `id` or `key`, others by what they are. What the change has put
 * in goes, what it took out comes back behind the item that it stood behind, what it changed is taken
 * back inside of the item, and an order that is still the one that the change has made becomes the
 * former one.
 */
export function revertItems(place: Place, before: Items, after: Items, now: Items): Value {
  let next = [...now];
  for (const item of after) {
    const at = find(now, item);
    if (find(before, item) >= 0 || at < 0) continue;
    if (isSame(item, now[at])) next = next.filter((one) => one !== now[at]);
    else place.skipped.push([...place.path, at]);
  }
  next = inFormerOrder(next, before, after);
  for (const [index, item] of before.entries()) {
    const changed = find(after, item);
    const at = find(next, item);
    if (changed < 0) {
      if (at < 0) next.splice(placeBehind(next, before, index), 0, item);
      else if (!isSame(item, next[at])) place.skipped.push([...place.path, at]);
    } else if (at >= 0) {
      next[at] = place.inside(
        { ...place, path: [...place.path, at] },
        item,
        after[changed],
        next[at],
      );
    } else if (!isSame(item, after[changed])) {
      // Somebody else has taken it out.
      place.skipped.push([...place.path, index]);
    }
  }
  return next;
}

/** -1 for none. */
function find(items: Items, wanted: Value): number {
  return items.findIndex((item) => isSameItem(item, wanted) || isSame(item, wanted));
}

/** Behind the nearest of those that stood in front of it and are still there. */
function placeBehind(items: Items, before: Items, index: number): number {
  for (let earlier = index - 1; earlier >= 0; earlier--) {
    const at = find(items, before[earlier]);
    if (at >= 0) return at + 1;
  }
  return 0;
}

/** Where the change has exchanged items, and they stand as it has left them. */
function inFormerOrder(items: Value[], before: Items, after: Items): Value[] {
  const kept = before.filter((item) => find(after, item) >= 0 && find(items, item) >= 0);
  const left = after.filter((item) => find(kept, item) >= 0);
  const shown = items.filter((item) => find(kept, item) >= 0);
  const isTheirs =
    left.length === shown.length && left.every((item, at) => find([shown[at]], item) === 0);
  if (!isTheirs || kept.every((item, at) => find([shown[at]], item) === 0)) return items;
  let next = 0;
  return items.map((item) => {
    if (find(kept, item) < 0) return item;
    return items[find(items, kept[next++])];
  });
}
