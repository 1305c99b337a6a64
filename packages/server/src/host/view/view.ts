import { type CommitMessage, encodeMessage, type Path, type Value } from "@holdfast/protocol";
import { type ContainerAt, filterPatches } from "./filter-patches.ts";
import { prune } from "./prune.ts";
import type { ViewPlace } from "./view-place.ts";

/** What some connections see of the state: all that see the same share one. */
export class View {
  /** Names the shape of the state and what is seen of it: under another name, a client starts anew. */
  readonly schema: string;
  readonly #root: ViewPlace;

  constructor(schema: string, root: ViewPlace) {
    this.schema = schema;
    this.#root = root;
  }

  /** It sees everything: what is stored can be sent as it is. */
  get isWhole(): boolean {
    return this.#root.status === "shown";
  }

  /** The state as it is seen. Shares what is seen whole: encode it before the next write. */
  see(state: Value): Value {
    return prune(state, this.#root);
  }

  /** Whether all that is at the path is seen, and nothing in it is hidden: what a client may write. */
  seesAllOf(path: Path): boolean {
    let places = [this.#root];
    for (const segment of path) {
      // A number is an index or a Map's key: it must be seen as either.
      const isNumber = typeof segment === "number";
      const below = places.flatMap((place) =>
        isNumber ? [place.child(segment), place.item()] : [place.child(segment)],
      );
      places = [...new Set(below)];
    }
    return places.every(({ status }) => status === "shown");
  }

  /**
   * The commit as it is seen, encoded: without patches where nothing of it is. `undefined` where it
   * takes a snapshot.
   */
  retell({ version, mark, patches }: CommitMessage, containerAt: ContainerAt): string | undefined {
    const seen = filterPatches(patches, this.#root, containerAt);
    return seen && encodeMessage({ type: "commit", version, mark, patches: seen });
  }
}
