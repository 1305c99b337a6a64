import {
  decodeValue,
  encodeValue,
  exceedsBytes,
  HoldfastError,
  type Limits,
  type Value,
} from "@holdfast/protocol";
import { keyProblem } from "../../module/key-strategy.ts";
import type { Place } from "../../state/put-places.ts";
import type { StateNode } from "../../state/node.ts";
import type { Write } from "../../state/log/write.ts";
import { writtenPlaces } from "../../state/written-places.ts";

/** Thrown through the commit of an action that changes the key: it is undone, and its session moves. */
export class KeyMove {
  readonly to: string | null;
  readonly places: string;
  readonly result: string | undefined;

  constructor(to: string | null, places: string, result: string | undefined) {
    this.to = to;
    this.places = places;
    this.result = result;
  }
}

/** Watches the key that a module derives from its state. */
export class KeyWatch {
  /** This instance's own. */
  readonly own: string | null;
  readonly #keyOf: (state: object) => unknown;
  readonly #limits: Limits;

  constructor(own: string | null, keyOf: (state: object) => unknown, limits: Limits) {
    this.own = own;
    this.#keyOf = keyOf;
    this.#limits = limits;
  }

  /** @throws HoldfastError `KEY_INVALID` */
  keyOf(state: object): string | null {
    const key = this.#keyOf(state) ?? null;
    if (key === null) return null;
    if (typeof key !== "string" || key === "") {
      throw new HoldfastError(
        "KEY_INVALID",
        "withKey() gave neither null nor a text with something in it. Numbers become texts by String(id).",
      );
    }
    const problem = keyProblem(key, this.#limits);
    if (problem) throw new HoldfastError("KEY_INVALID", problem);
    return key;
  }

  /**
   * Looks at what an action is about to commit.
   *
   * @throws KeyMove where the key changes; HoldfastError `KEY_CHANGE` where it must not, and
   * `KEY_CHANGE_WRITE`
   */
  check(
    action: { readonly mayMove: boolean; readonly result: string | undefined },
    written: {
      readonly state: object;
      readonly writes: readonly Write[];
      readonly root: StateNode;
    },
  ): void {
    const to = this.keyOf(written.state);
    if (to === this.own) return;
    if (!action.mayMove) {
      throw new HoldfastError(
        "KEY_CHANGE",
        "The key of this module (withKey) would change here, which only an action that a client sent may do, at its end. Change it in an action of its own.",
      );
    }
    const places = writtenPlaces(written.writes, written.root).map(({ path, kinds, now }) => [
      path,
      kinds,
      now ? [now.value] : [],
    ]);
    const text = encodeValue(places);
    if (exceedsBytes(text, this.#limits.rowBytes)) {
      throw new HoldfastError(
        "COMMIT_TOO_LARGE",
        `The action changes the key of its module and writes more than ${this.#limits.rowBytes} bytes along with it. Write the rest in a second action.`,
      );
    }
    throw new KeyMove(to, text, action.result);
  }
}

/** The places of a move, as `check` has encoded them. */
export function decodePlaces(text: string): Place[] {
  // True because only `check` writes them.
  const places = decodeValue(text) as [Place["path"], Place["kinds"], Value[]][];
  return places.map(([path, kinds, value]) => ({
    path,
    kinds,
    now: value.length > 0 ? { value: value[0] } : undefined,
  }));
}
