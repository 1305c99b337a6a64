import type { SqlPort } from "../../storage/sql-port.ts";

/** Which pages of the instance are in which rooms: rows, and a copy of them in memory. */
export class Memberships {
  readonly #sql: SqlPort;
  #rooms: Map<string, Set<string>> | undefined;

  constructor(sql: SqlPort) {
    this.#sql = sql;
  }

  get isEmpty(): boolean {
    return this.#known().size === 0;
  }

  rooms(): readonly string[] {
    return [...this.#known().keys()];
  }

  /** The rooms that a page is in. */
  roomsOf(page: string): readonly string[] {
    return [...this.#known()].flatMap(([room, pages]) => (pages.has(page) ? [room] : []));
  }

  /** The pages that are in a room; `undefined`: none. */
  pagesIn(room: string): ReadonlySet<string> | undefined {
    return this.#known().get(room);
  }

  pages(): ReadonlySet<string> {
    return new Set([...this.#known().values()].flatMap((pages) => [...pages]));
  }

  /** The row; `added` follows when it is durable. */
  write(room: string, page: string): void {
    this.#sql.run(CREATE);
    this.#sql.run("INSERT OR IGNORE INTO holdfast_rooms VALUES (?, ?)", room, page);
  }

  added(room: string, page: string): void {
    const pages = this.#known().get(room);
    if (pages) pages.add(page);
    else this.#known().set(room, new Set([page]));
  }

  /** The row; `removed` follows when it is durable. */
  erase(room: string, page: string): void {
    // Who leaves need not have joined, nor anybody else.
    if (!this.#hasTable()) return;
    this.#sql.run("DELETE FROM holdfast_rooms WHERE room = ? AND page = ?", room, page);
  }

  removed(room: string, page: string): void {
    const pages = this.#known().get(room);
    pages?.delete(page);
    if (pages?.size === 0) this.#known().delete(room);
  }

  #known(): Map<string, Set<string>> {
    if (this.#rooms) return this.#rooms;
    this.#rooms = new Map();
    if (!this.#hasTable()) return this.#rooms;
    for (const { room, page } of this.#sql.run("SELECT room, page FROM holdfast_rooms")) {
      this.added(String(room), String(page));
    }
    return this.#rooms;
  }

  #hasTable(): boolean {
    return this.#sql.run("SELECT 1 FROM sqlite_master WHERE name = 'holdfast_rooms'").length > 0;
  }
}

const CREATE = `CREATE TABLE IF NOT EXISTS holdfast_rooms (
  room TEXT NOT NULL, page TEXT NOT NULL, PRIMARY KEY (room, page)) WITHOUT ROWID`;
