import { HoldfastError } from "@holdfast/protocol";
import type { SqlPort } from "../../storage/sql-port.ts";
import type { RoomMember } from "../room-port.ts";
import { Listener } from "./listener.ts";

const CREATE = `CREATE TABLE IF NOT EXISTS holdfast_room_members (
  connection TEXT NOT NULL, instance TEXT NOT NULL, user TEXT NOT NULL,
  PRIMARY KEY (connection, instance)) WITHOUT ROWID`;
const DROP = "DROP TABLE holdfast_room_members";
const INSERT = "INSERT INTO holdfast_room_members (connection, instance, user) VALUES (?, ?, ?)";
const DELETE = "DELETE FROM holdfast_room_members WHERE connection = ? AND instance = ?";

/**
 * Who is in a room: a row each, and the same in memory. Rows first: where one cannot be written, memory
 * is as before. Nothing is stored before the first member, and nothing behind the last one.
 */
export class Membership {
  readonly #sql: SqlPort;
  readonly #most: number;
  readonly #listeners = new Map<string, Listener>();

  /** @throws what the database throws */
  constructor(sql: SqlPort, most: number) {
    this.#sql = sql;
    this.#most = most;
    if (!hasTable(sql)) return;
    for (const row of sql.run("SELECT connection, instance, user FROM holdfast_room_members")) {
      this.#add({
        connection: String(row["connection"]),
        instance: String(row["instance"]),
        user: String(row["user"]),
      });
    }
  }

  get size(): number {
    return this.#listeners.size;
  }

  all(): Iterable<Listener> {
    return this.#listeners.values();
  }

  /**
   * Takes a member in; one that is there already has shown that it is alive.
   *
   * @throws HoldfastError `ROOM_FULL`, or what the database throws
   */
  join(member: RoomMember): void {
    const known = this.#listeners.get(nameOf(member));
    if (known) {
      known.joins++;
      return;
    }
    if (this.#listeners.size >= this.#most) {
      throw new HoldfastError(
        "ROOM_FULL",
        `The room has ${this.#most} members, and takes no more. Spread them over several rooms, or raise limits.roomMembers.`,
      );
    }
    const { connection, instance, user } = member;
    if (this.#listeners.size > 0) this.#sql.run(INSERT, connection, instance, user);
    else {
      this.#sql.transaction(() => {
        this.#sql.run(CREATE);
        this.#sql.run(INSERT, connection, instance, user);
      });
    }
    this.#add(member);
  }

  /** @throws what the database throws */
  leave(member: RoomMember): void {
    const name = nameOf(member);
    const listener = this.#listeners.get(name);
    if (!listener) return;
    if (this.#listeners.size === 1) this.#sql.run(DROP);
    else this.#sql.run(DELETE, member.connection, member.instance);
    this.#listeners.delete(name);
    listener.isGone = true;
  }

  #add(member: RoomMember): void {
    this.#listeners.set(nameOf(member), new Listener(member));
  }
}

/** Injective: neither part of it can hold the separator unescaped. */
function nameOf({ connection, instance }: RoomMember): string {
  return `${encodeURIComponent(connection)} ${instance}`;
}

function hasTable(sql: SqlPort): boolean {
  return sql.run("SELECT 1 FROM sqlite_master WHERE name = 'holdfast_room_members'").length > 0;
}
