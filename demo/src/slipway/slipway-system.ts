import { action, durableObjectStore, field, global, HoldfastError, System } from "@holdfast/server";
import {
  BERTHS,
  type Boat,
  launch,
  LONGEST_BOAT_NAME,
  MOST_BOATS,
  type Move,
  move,
  scrap,
} from "./slipway-actions.ts";

/** One line of the logbook. */
export interface Entry {
  readonly time: number;
  readonly text: string;
}

/** So many lines are read at once. */
const PAGE = 8;

/**
 * What there is to do, written as a class. The boats are state, live in every window; the logbook is
 * SQL, which is asked for: it may grow as long as it likes.
 */
export class Slipway extends System {
  static readonly persist = durableObjectStore(global());

  @field boats: Boat[] = [];

  @action() launch(name: string): void {
    const isName =
      typeof name === "string" && name.trim() !== "" && name.length <= LONGEST_BOAT_NAME;
    if (!isName) {
      throw new HoldfastError("REFUSED", `A boat's name has 1 to ${LONGEST_BOAT_NAME} characters.`);
    }
    if (this.boats.length >= MOST_BOATS) {
      throw new HoldfastError("REFUSED", `There are ${MOST_BOATS} boats. Scrap one that is home.`);
    }
    launch(this, name.trim(), this.context.randomId());
    this.#log(`${name.trim()} was laid down`);
  }

  @action() move({ id, to }: Move): void {
    if (!BERTHS.includes(to)) throw new HoldfastError("REFUSED", "There is no such berth.");
    const boat = move(this, { id, to });
    if (boat) this.#log(`${boat.name} is ${to}`);
  }

  @action() scrap(id: string): void {
    const boat = scrap(this, id);
    if (boat) this.#log(`${boat.name} was scrapped`);
  }

  override onCreate(): void {
    this.sql`CREATE TABLE IF NOT EXISTS logbook (
      id INTEGER PRIMARY KEY, time INTEGER NOT NULL, text TEXT NOT NULL
    )`;
  }

  /** The latest lines of the logbook, newest first. */
  @action() logbook(): Entry[] {
    return this.sql<Entry>`SELECT time, text FROM logbook ORDER BY id DESC LIMIT ${PAGE}`;
  }

  #log(text: string): void {
    this.sql`INSERT INTO logbook (time, text) VALUES (${this.context.now}, ${text})`;
  }
}
