import type { Place, Value } from "@holdfast/protocol";
import { derivedPlaces, derivePatches } from "./derive-patches.ts";

/** The places that a prediction has changed. */
export function predictedPlaces(pair: readonly [before: Value, after: Value]): readonly Place[] {
  let places = PREDICTED.get(pair);
  if (!places) {
    const [before, after] = pair;
    try {
      places = derivedPlaces(derivePatches(before, after, NO_LIMITS));
    } catch {
      // It holds what no state can: what the server makes of it is anybody's guess.
      places = [{ path: [] }];
    }
    PREDICTED.set(pair, places);
  }
  return places;
}

const PREDICTED: WeakMap<readonly unknown[], readonly Place[]> = new WeakMap();
const NO_LIMITS = { depth: Infinity, patchesPerClientPatch: Infinity };
