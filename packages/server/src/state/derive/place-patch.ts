import type {
  AddPatch,
  AppendPatch,
  Path,
  RemovePatch,
  ReplacePatch,
  Value,
} from "@holdfast/protocol";
import { sameAtom } from "../atom.ts";
import { ABSENT } from "../node.ts";
import type { Absent } from "../node.ts";

/** What happens to one place as a whole. */
export type PlacePatch = AddPatch | ReplacePatch | RemovePatch | AppendPatch;

/** The patch that turns what stood at `path` into what stands there now; `undefined` for none. */
export function placePatch(
  path: Path,
  before: Value | Absent,
  after: Value | Absent,
): PlacePatch | undefined {
  if (Object.is(before, after)) return undefined;
  if (after === ABSENT) return { op: "remove", path };
  if (before === ABSENT) return { op: "add", path, value: after };
  if (typeof before === "string" && typeof after === "string") {
    const isAppended = before !== "" && after.startsWith(before);
    if (isAppended) return { op: "append", path, value: after.slice(before.length) };
  } else if (sameAtom(before, after)) return undefined;
  return { op: "replace", path, value: after };
}
