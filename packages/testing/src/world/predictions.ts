import { cloneValue, derivedId, type Value } from "@holdfast/protocol";
import { carryOut } from "./board.ts";
import type { Board } from "./edits.ts";
import type { Order } from "./order.ts";

/** How a page foretells what its action will do. */
export type Foresight =
  /** Not at all. */
  | "none"
  /** With the function that the server runs, its checks included. */
  | "shared"
  /** As if nothing could go wrong. */
  | "naive"
  /** Wrongly. */
  | "wrong";

/** An optimistic reducer, as users write them. */
export type Reducer = (
  draft: Board,
  order: Order,
  context: { readonly randomId: () => string },
) => void;

export function reducerOf(foresight: Foresight): Reducer | undefined {
  return REDUCERS[foresight];
}

const REDUCERS: Record<Foresight, Reducer | undefined> = {
  none: undefined,
  shared: (draft, order, { randomId }) => {
    // A draft does not refuse a function, as state does.
    if (order.failure === "store") throw new TypeError("A function cannot be stored.");
    carryOut(draft, order, randomId);
  },
  naive: (draft, { failure: _, ...order }, { randomId }) => carryOut(draft, order, randomId),
  wrong: (draft, order) => {
    draft.text = `wrong about ${order.id}`;
    draft.list.shift();
    draft.members.add("wrong");
  },
};

/** One prediction that a page has pending. */
export interface Foretold {
  readonly client: string;
  readonly seq: number;
  readonly order: Order;
  readonly foresight: Foresight;
}

/** What must be shown: the confirmed state with the pending predictions on top (G8). */
export function foretell(confirmed: Value, pending: readonly Foretold[]): Value {
  let shown = confirmed;
  for (const { client, seq, order, foresight } of pending) {
    const reducer = reducerOf(foresight);
    if (!reducer) continue;
    const next = cloneValue(shown);
    let ordinal = 0;
    try {
      // The state of the world's only module.
      reducer(next as unknown as Board, order, {
        randomId: () => derivedId(client, seq, ordinal++),
      });
      shown = next;
    } catch {
      // A reducer that throws foretells nothing.
    }
  }
  return shown;
}
