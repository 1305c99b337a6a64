import { kindOf, type Path, type Primitive, type Value } from "@holdfast/protocol";
import { shareStructure } from "../store/share-structure.ts";
import { isSame, type Place } from "./place.ts";
import { revertItems } from "./revert-items.ts";

/** What came of a change that was taken back. */
export interface Reverted {
  /** Shares with what it was made of whatever stayed. */
  readonly state: Value;
  /** The places that somebody else has changed since, and that stay as they are. */
  readonly skipped: readonly Path[];
}

/**
 * Takes a change back: where `now` is as the change has left it, it becomes as it was before. Everything
 * that the change did not touch, and everything that was changed since, stays.
 */
export function revert(before: Value, after: Value, now: Value): Reverted {
  const skipped: Path[] = [];
  const state = revertAt({ skipped, path: [], inside: revertAt }, before, after, now);
  return { state: shareStructure(now, state), skipped };
}

function revertAt(place: Place, before: Value, after: Value, now: Value): Value {
  if (isSame(before, after) || isSame(before, now)) return now;
  if (isSame(after, now)) return before;
  const kind = kindOf(now);
  if (kind === kindOf(before) && kind === kindOf(after)) {
    // The casts are true because the kinds say so.
    if (kind === "object") {
      const [was, made, is] = [entriesOf(before), entriesOf(after), entriesOf(now)];
      return Object.fromEntries(revertEntries(place, was, made, is));
    }
    if (kind === "Map")
      return revertEntries(place, before as Entries, after as Entries, now as Entries);
    if (kind === "Set") return revertMembers(before as Members, after as Members, now as Members);
    if (kind === "array") {
      return revertItems(
        place,
        before as readonly Value[],
        after as readonly Value[],
        now as readonly Value[],
      );
    }
  }
  place.skipped.push(place.path);
  return now;
}

function entriesOf(node: Value): Entries {
  // True because an object is asked for its entries.
  return new Map(Object.entries(node as object) as [string, Value][]);
}

type Entries = ReadonlyMap<Primitive, Value>;
type Members = ReadonlySet<Primitive>;

function revertEntries(
  place: Place,
  before: Entries,
  after: Entries,
  now: Entries,
): Map<Primitive, Value> {
  const next = new Map(now);
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const at = { ...place, path: [...place.path, key] };
    if (before.has(key) && after.has(key)) {
      if (now.has(key)) next.set(key, revertAt(at, before.get(key), after.get(key), now.get(key)));
      else if (!isSame(before.get(key), after.get(key))) place.skipped.push(at.path);
    } else if (after.has(key)) {
      if (!now.has(key)) continue;
      if (isSame(after.get(key), now.get(key))) next.delete(key);
      else place.skipped.push(at.path);
    } else if (!now.has(key)) {
      next.set(key, before.get(key));
    } else if (!isSame(before.get(key), now.get(key))) {
      place.skipped.push(at.path);
    }
  }
  return next;
}

function revertMembers(before: Members, after: Members, now: Members): Value {
  const added = after.difference(before);
  return now.difference(added).union(before.difference(after));
}
