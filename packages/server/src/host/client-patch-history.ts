import {
  decodeServerFrame,
  kindOf,
  type Limits,
  type Patch,
  type Path,
  type Place,
  placesOf,
  type Value,
} from "@holdfast/protocol";
import type { Write } from "../state/log/write.ts";
import type { StateNode } from "../state/node.ts";
import type { StateTree } from "../state/state-tree.ts";
import { touchedPlaces } from "../state/touched-places.ts";
import type { Journal } from "../storage/journal.ts";
import type { Sequence } from "./sequences.ts";

/** What one commit touched. */
export interface Touched {
  readonly version: number;
  readonly places: readonly Place[];
  /** The client patch that made it; `undefined` for actions and all else. */
  readonly origin: Sequence | undefined;
}

/**
 * What the latest commits touched: the resume window, without the values. Kept from the time on that
 * the instance is in memory; what was before is read from the journal when somebody asks for it.
 */
export class PatchHistory {
  readonly #tree: StateTree;
  readonly #journal: Journal;
  readonly #limits: Limits;
  /** Oldest first, without a hole. */
  #touched: Touched[] = [];
  /** The version before the first of them. */
  #start: number;

  constructor(tree: StateTree, journal: Journal, limits: Limits) {
    this.#tree = tree;
    this.#journal = journal;
    this.#limits = limits;
    this.#start = journal.version;
  }

  /** What was touched after `version`; `undefined` where that is not known any more. */
  after(version: number): readonly Touched[] | undefined {
    if (version < this.#start && !this.#read(version)) return undefined;
    const known = version - this.#start;
    return known > this.#touched.length ? undefined : this.#touched.slice(known);
  }

  /** A version was made; the tree holds it. */
  made(version: number, writes: readonly Write[], origin: Sequence | undefined): void {
    // True because the tree owns its root, all the way down.
    const places = touchedPlaces(writes, this.#tree.root as StateNode);
    this.#touched.push({ version, places, origin });
    if (this.#touched.length < 2 * this.#limits.resumeVersions) return;
    // Half at a time: cutting off one by one would move all of them each time.
    const cut = this.#touched.length - this.#limits.resumeVersions;
    this.#touched = this.#touched.slice(cut);
    this.#start += cut;
  }

  /** The versions above this one were undone. */
  unmade(version: number): void {
    this.#touched.length = Math.min(this.#touched.length, version - this.#start);
  }

  /** The places of patches that were made on the state at hand. */
  placesOf(patches: readonly Patch[]): Place[] {
    return placesOf(patches, (path) => this.isArray(path));
  }

  /** Where there is nothing any more, whoever asks has to expect an array: it touches more. */
  isArray(path: Path): boolean {
    const container = find(this.#tree.root, path);
    return container === undefined || kindOf(container) === "array";
  }

  /** Patches do not say whether a thing was changed or exchanged: it may be any on the way to it. */
  #widen(place: Place): Place {
    return place.path.length > 1 ? { path: place.path.slice(0, 1) } : place;
  }

  #read(version: number): boolean {
    const texts = this.#journal.commitsAfter(version);
    if (!texts) return false;
    const older: Touched[] = [];
    const patches = this.#journal.patchesAfter(version);
    const origins = new Map(patches.map((one) => [one.version, one]));
    for (const text of texts) {
      for (const message of decodeServerFrame(text)) {
        if (message.type !== "commit" || message.version > this.#start) continue;
        const places = this.placesOf(message.patches).map((place) => this.#widen(place));
        older.push({ version: message.version, places, origin: origins.get(message.version) });
      }
    }
    this.#touched = [...older, ...this.#touched];
    this.#start = version;
    return true;
  }
}

function find(root: Value, path: Path): Value | undefined {
  let value: Value | undefined = root;
  for (const segment of path) {
    if (value instanceof Map) value = value.get(segment);
    else if (typeof value === "object" && value !== null && Object.hasOwn(value, String(segment))) {
      // True because it has an own property of that name.
      value = (value as { readonly [key: string]: Value })[String(segment)];
    } else return undefined;
  }
  return value;
}
