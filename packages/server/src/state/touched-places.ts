import type { Path, Place } from "@holdfast/protocol";
import { EntryWrite } from "./log/entry-write.ts";
import { FieldWrite } from "./log/field-write.ts";
import { SpliceWrite } from "./log/splice-write.ts";
import type { Write } from "./log/write.ts";
import { pathFrom } from "./node.ts";
import type { StateNode } from "./node.ts";

/**
 * The places that writes have touched, as they were written: an item that was exchanged for a new
 * one is touched whole, even where the patches tell but the field in which the two differ.
 */
export function touchedPlaces(writes: readonly Write[], root: StateNode): Place[] {
  const places: Place[] = [];
  for (const write of writes) {
    const { node } = write;
    // What is not in the tree any more was taken out of it by a write of its own.
    const path = node && pathFrom(root, node);
    if (path) places.push(placeOf(write, path));
  }
  return places;
}

function placeOf(write: Write, path: Path): Place {
  if (write instanceof SpliceWrite) {
    const { index, removed, inserted } = write;
    const isExchange = removed.length === inserted.length && removed.length > 0;
    return { path, from: index, to: isExchange ? index + removed.length : Infinity };
  }
  if (write instanceof FieldWrite || write instanceof EntryWrite) {
    return { path: [...path, write.key] };
  }
  return { path };
}
