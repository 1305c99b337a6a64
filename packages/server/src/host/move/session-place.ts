import type { SqlPort } from "../../storage/sql-port.ts";
import type { Alarms } from "../alarms.ts";
import type { Platform } from "../platform.ts";
import type { Adoption, AdoptOutcome, Move, MoveOutcome } from "./move.ts";
import { NEVER_MOVED, type PlaceRow, readPlace, writePlace } from "./place-row.ts";

/** The id and kind of the alarm that carries an interrupted move on. */
const ALARM = "holdfast:place";
/** A move that takes longer was interrupted. */
const REPEAT_MS = 5_000;
/** So many moves are told apart from others, should somebody ask for one again. */
const REMEMBERED = 32;

/** What a session's own instance works with. */
export interface SessionPlaceParts {
  readonly sql: SqlPort;
  readonly alarms: Alarms;
  readonly platform: Platform;
  readonly adopt: (adoption: Adoption) => Promise<AdoptOutcome>;
  /** Where a session is that has never moved. */
  readonly first: () => string | null;
  /** The state that is here, encoded. */
  readonly guest: () => string;
  /** The session is where it is going to be. */
  readonly onPlaced: () => void;
  /** It asks to move: from now on there is something to look after, should it never come again. */
  readonly onAsked: () => void;
}

/** `S`: the session's own instance, which alone knows where the session is, and moves it. */
export class SessionPlace {
  readonly #parts: SessionPlaceParts;
  #underWay: Promise<MoveOutcome> | undefined;

  constructor(parts: SessionPlaceParts) {
    this.#parts = parts;
    parts.alarms.on(ALARM, async () => {
      await this.settled();
    });
  }

  /** Where the session is; while it moves, where it was. */
  get current(): { readonly key: string | null; readonly generation: number } {
    return this.#row;
  }

  /** A session that has never moved has nothing. */
  get isStored(): boolean {
    return readPlace(this.#parts.sql) !== undefined;
  }

  get isMoving(): boolean {
    return this.#row.move !== undefined;
  }

  get #row(): PlaceRow {
    const { sql, first } = this.#parts;
    return readPlace(sql) ?? { ...NEVER_MOVED, key: first() };
  }

  /** Resolves when no move is under way. */
  async settled(): Promise<void> {
    if (this.#underWay) await this.#underWay;
    const { move } = this.#row;
    if (move) await this.#carryOut(move);
  }

  /** @throws whatever interrupts it: nothing is decided, asking again goes on where it was */
  async begin(move: Move): Promise<MoveOutcome> {
    const { sql, alarms, platform, onAsked } = this.#parts;
    const place = this.#row;
    if (place.done.some(({ id }) => id === move.id)) return { type: "moved" };
    if (place.move) return place.move.id === move.id ? this.#carryOut(move) : { type: "gone" };
    if (place.generation !== move.generation || place.key !== move.from) return { type: "gone" };
    sql.transaction(() => {
      writePlace(sql, { ...place, move });
      alarms.set({ id: ALARM, kind: ALARM, at: platform.now() + REPEAT_MS, body: "" });
    });
    onAsked();
    return this.#carryOut(move);
  }

  #carryOut(move: Move): Promise<MoveOutcome> {
    this.#underWay ??= this.#adopt(move).finally(() => (this.#underWay = undefined));
    return this.#underWay;
  }

  async #adopt(move: Move): Promise<MoveOutcome> {
    const { sql, alarms, adopt, guest, onPlaced } = this.#parts;
    // A guest is the session itself, and its state is here.
    const outcome = await adopt({ ...move, guest: move.from === null ? guest() : undefined });
    const { done, generation, key } = this.#row;
    const isMoved = outcome.type === "adopted";
    sql.transaction(() => {
      writePlace(sql, {
        key: isMoved ? move.to : key,
        generation: isMoved ? generation + 1 : generation,
        move: undefined,
        done: isMoved
          ? [...done, { id: move.id, generation: generation + 1 }].slice(-REMEMBERED)
          : done,
      });
      alarms.remove(ALARM);
    });
    // Its pages may be gone since long, and nobody else will look after what it had.
    onPlaced();
    return isMoved ? { type: "moved" } : outcome;
  }
}
