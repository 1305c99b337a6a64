import {
  cloneValue,
  decodeValue,
  encodeValue,
  exceedsBytes,
  HoldfastError,
  type Limits,
  type Value,
  type ValueObject,
} from "@holdfast/protocol";
import { type DerivedStrategy, keyProblem } from "../../module/key-strategy.ts";
import type { Place as InstancePlace } from "../../module/place.ts";
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

/** What a watch is made of. */
export interface KeyWatchParts {
  readonly place: InstancePlace;
  readonly strategy: DerivedStrategy;
  /** What storage calls the module. */
  readonly module: string;
  readonly limits: Limits;
}

/** Watches the key that a module derives from its state. */
export class KeyWatch {
  /** This instance's own. */
  readonly own: string | null;
  readonly #parts: KeyWatchParts;
  /** What the state gives where nobody asks; `undefined` before anybody is there. */
  #nobodys: { readonly key: unknown } | undefined;

  constructor(parts: KeyWatchParts) {
    this.own = parts.place.type === "key" ? parts.place.key : null;
    this.#parts = parts;
  }

  /** Everybody who comes finds this state: from now on a change of the key is one. */
  begin(state: object): void {
    if (this.#parts.strategy.bySession) this.#nobodys = { key: this.#ask(state, "") };
  }

  /** Where a session begins. @throws HoldfastError `KEY_INVALID` */
  first(initial: ValueObject): string | null {
    const { place, strategy } = this.#parts;
    if (!strategy.bySession || place.type !== "session") return null;
    // A copy: the function is the author's, and the initial state everybody's.
    return this.keyOf(cloneValue(initial) as ValueObject, place.session);
  }

  /** Whether a session begins here, and no other one does. */
  isOf(session: string, initial: ValueObject): boolean {
    // Copies: the function is the author's, and the initial state everybody's.
    const keyOf = (asked: string): unknown => this.#ask(cloneValue(initial) as ValueObject, asked);
    return this.own !== null && keyOf(session) === this.own && keyOf("") !== this.own;
  }

  /** Whether a state of somewhere else would be another key's. */
  isForeign(state: object): boolean {
    const { strategy } = this.#parts;
    if (!strategy.bySession) return this.keyOf(state, "") !== this.own;
    const key = this.#ask(state, "");
    return key !== this.own && key !== this.#nobodys?.key;
  }

  /**
   * @param session whose key it is, where that makes a difference
   * @throws HoldfastError `KEY_INVALID`
   */
  keyOf(state: object, session: string): string | null {
    const key = this.#ask(state, session) ?? null;
    if (key === null) return null;
    if (typeof key !== "string" || key === "") {
      throw new HoldfastError(
        "KEY_INVALID",
        "withKey() or resolveKey() gave neither null nor a text with something in it. Numbers become texts by String(id).",
      );
    }
    const problem = keyProblem(key, this.#parts.limits);
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
    action: {
      readonly mayMove: boolean;
      readonly result: string | undefined;
      /** Whose action it is; `undefined`: nobody's. */
      readonly session: string | undefined;
    },
    written: {
      readonly state: object;
      readonly writes: readonly Write[];
      readonly root: StateNode;
    },
  ): void {
    const { place } = this.#parts;
    const session = action.session ?? (place.type === "session" ? place.session : undefined);
    if (session === undefined && this.#parts.strategy.bySession) {
      this.#checkNobodys(written.state);
      return;
    }
    const to = this.keyOf(written.state, session ?? "");
    if (to === this.own) {
      if (this.#nobodys) this.begin(written.state);
      return;
    }
    if (!action.mayMove) throw keyChange();
    const places = writtenPlaces(written.writes, written.root).map(({ path, kinds, now }) => [
      path,
      kinds,
      now ? [now.value] : [],
    ]);
    const text = encodeValue(places);
    if (exceedsBytes(text, this.#parts.limits.rowBytes)) {
      throw new HoldfastError(
        "COMMIT_TOO_LARGE",
        `The action changes the key of its module and writes more than ${this.#parts.limits.rowBytes} bytes along with it. Write the rest in a second action.`,
      );
    }
    throw new KeyMove(to, text, action.result);
  }

  /** On behalf of nobody the key may be anything, but nothing else than before. */
  #checkNobodys(state: object): void {
    if (this.#nobodys && this.#ask(state, "") !== this.#nobodys.key) throw keyChange();
  }

  #ask(state: object, session: string): unknown {
    const { strategy, module } = this.#parts;
    return strategy.keyOf(state, { module, session });
  }
}

function keyChange(): HoldfastError {
  return new HoldfastError(
    "KEY_CHANGE",
    "The key of this module (withKey, resolveKey) would change here, which only an action that a client sent may do, at its end. Change it in an action of its own.",
  );
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
