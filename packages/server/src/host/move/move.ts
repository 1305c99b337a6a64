import type { WireError } from "@holdfast/protocol";

/**
 * A session that moves to another instance, because an action of its own has changed the key. `O` is
 * the instance that ran the action, `S` the session's own, `N` the new one; two of them may be one.
 *
 *   O: undoes the action, stores the move ──begin──▶ S: stores it, if the generation is its own
 *                                                    S ──adopt──▶ N: one commit, once
 *                                                    S: place = N, generation + 1
 *   O: tells the session's sockets, closes them ◀── moved
 *
 * Whoever is interrupted begins again where it was: every step may be repeated.
 */
export interface Move {
  readonly id: string;
  readonly session: string;
  /** How often the session had moved when the action was sent. */
  readonly generation: number;
  readonly from: string | null;
  readonly to: string | null;
  /** What the action wrote, encoded. */
  readonly places: string;
  /** The action that moved it. */
  readonly principal: string;
  readonly client: string;
  readonly seq: number;
  /** What it returned, encoded. */
  readonly result: string | undefined;
}

/** What O hears of S. */
export type MoveOutcome =
  | { readonly type: "moved" }
  /** For good, and nothing has moved. */
  | { readonly type: "refused"; readonly error: WireError }
  /** The session has left O some other way: the action was never to be. */
  | { readonly type: "gone" };

/** What S asks of N. */
export interface Adoption extends Move {
  /** At a login: what the session had, encoded. */
  readonly guest: string | undefined;
}

/** What S hears of N. */
export type AdoptOutcome =
  | { readonly type: "adopted" }
  | { readonly type: "refused"; readonly error: WireError };

/** Calls between instances of one module. A call that rejects may have been carried out or not. */
export interface MovePort {
  /** Asks the instance of the move's session. */
  begin(move: Move): Promise<MoveOutcome>;
  /** Asks the instance that the adoption leads `to`. */
  adopt(adoption: Adoption): Promise<AdoptOutcome>;
}
