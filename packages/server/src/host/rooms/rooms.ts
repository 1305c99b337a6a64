import { HoldfastError, type Limits } from "@holdfast/protocol";
import type { RoomDelivery, RoomMember, RoomPort } from "../../connection/room-port.ts";
import type { EventTarget } from "../../module/connection-engine.ts";
import type { SqlPort } from "../../storage/sql-port.ts";
import type { Alarms } from "../alarms.ts";
import { type Connection, type ConnectionMeta, pageOf } from "../connection.ts";
import type { Effects } from "../effects.ts";
import type { News } from "../news.ts";
import type { Platform } from "../platform.ts";
import { checkRoom, refuseUser } from "./check-target.ts";
import { Memberships } from "./memberships.ts";
import { type Letter, Post, type Sender } from "./post.ts";
import { SeenNumbers } from "./seen-numbers.ts";

/** What a connection's instance needs of the other objects. */
export interface RoomsPort {
  readonly rooms: RoomPort;
  /** This instance, as rooms know it. */
  readonly member: RoomMember;
  /** Tells the instance of another user; `undefined` where users are not authenticated. */
  readonly tellUser:
    | ((user: string, deliveries: readonly RoomDelivery[]) => Promise<void>)
    | undefined;
}

/** What the rooms of an instance work with. */
export interface RoomsParts {
  readonly port: RoomsPort;
  readonly sql: SqlPort;
  readonly alarms: Alarms;
  readonly platform: Platform;
  readonly limits: Limits;
  readonly everybody: () => Iterable<Connection>;
  readonly tell: (news: readonly News[]) => void;
}

/** The kinds of its alarms, which are their ids as well. */
const GONE = "holdfast:gone";
const AGAIN = "holdfast:again";
/** So long a page may be away before it is taken out of its rooms. */
const GONE_MS = 60_000;
/** What a room could not be told is told again after so long. */
const AGAIN_MS = 30_000;
/** 72 random bits. */
const RUN_CHARACTERS = 12;

/**
 * The rooms of one user's pages, and the events that come from there and go to other objects. A
 * membership is a row, written with the commit of the event that asked for it; the room is told
 * behind that, and again whenever the page comes back.
 */
export class Rooms {
  readonly #parts: RoomsParts;
  readonly #memberships: Memberships;
  readonly #posts = new Map<string, Post>();
  readonly #seen = new SeenNumbers();
  readonly #sender: Sender;

  constructor(parts: RoomsParts) {
    this.#parts = parts;
    this.#memberships = new Memberships(parts.sql);
    let number = 0;
    const from = `${parts.port.member.instance} ${parts.platform.token(RUN_CHARACTERS)}`;
    this.#sender = { from, nextNumber: () => ++number };
    parts.alarms.on(GONE, () => this.#forgetGone());
    parts.alarms.on(AGAIN, () => {
      for (const room of this.#memberships.rooms()) this.#post(room).send(JOIN);
    });
  }

  /** Resolves when all that is to be told was told; `undefined`: nothing is. */
  get underWay(): Promise<unknown> | undefined {
    const underWay = [...this.#posts.values()].flatMap(({ underWay: one }) => one ?? []);
    return underWay.length > 0 ? Promise.all(underWay) : undefined;
  }

  /** The page joins with the commit. @throws HoldfastError `KEY_INVALID` or `TOO_MANY_WRITES` */
  join(effects: Effects, page: string, room: string): void {
    checkRoom(room, this.#parts.limits);
    const { roomsPerPage } = this.#parts.limits;
    const rooms = this.#memberships.roomsOf(page);
    if (rooms.includes(room)) return;
    if (rooms.length >= roomsPerPage) {
      throw new HoldfastError(
        "TOO_MANY_WRITES",
        `A page can be in ${roomsPerPage} rooms. Leave those that it does not show any more.`,
      );
    }
    effects.write(() => this.#memberships.write(room, page));
    effects.after(() => {
      const isFirst = !this.#memberships.pagesIn(room);
      this.#memberships.added(room, page);
      if (isFirst) this.#post(room).send(JOIN);
    });
  }

  /** The page leaves with the commit. */
  leave(effects: Effects, page: string, room: string): void {
    effects.write(() => this.#memberships.erase(room, page));
    effects.after(() => this.#left(room, page));
  }

  /**
   * An event for a room or another user goes out behind the commit.
   *
   * @throws HoldfastError `KEY_INVALID`, or `BUSY` where too much waits to go there already
   */
  emit(
    effects: Effects,
    target: Exclude<EventTarget, { type: "own" }>,
    letter: Extract<Letter, { type: "deliver" }>,
  ): void {
    if (target.type === "room") checkRoom(target.room, this.#parts.limits);
    else if (!this.#parts.port.tellUser) refuseUser();
    const waiting = this.#posts.get(nameOf(target))?.waiting ?? 0;
    if (waiting >= this.#parts.limits.waitingEvents) {
      throw new HoldfastError(
        "BUSY",
        `${waiting} events wait to go where this one is to go. The event was undone; it is tried again.`,
      );
    }
    effects.after(() => this.#postTo(target).send(letter));
  }

  /** What a room, or another user (`room` is `undefined`), has for the pages here. */
  receive(room: string | undefined, deliveries: readonly RoomDelivery[]): "taken" | "gone" {
    const pages = room === undefined ? undefined : this.#memberships.pagesIn(room);
    if (room !== undefined && !pages) return "gone";
    const news = deliveries
      .filter(({ from, number }) => this.#seen.isNew(`${room ?? ""}\n${from}`, number))
      .map(({ text, except }): News => {
        const to = ({ meta }: Connection): boolean => {
          const page = pageOf(meta) ?? "";
          return (!pages || pages.has(page)) && !except.includes(page);
        };
        return { type: "event", text, to };
      });
    if (news.length > 0) this.#parts.tell(news);
    return "taken";
  }

  /** A page has come, maybe again: its rooms are told once more, in case they have forgotten. */
  connected(page = ""): void {
    for (const room of this.#memberships.roomsOf(page)) this.#post(room).send(JOIN);
  }

  /** A connection is gone; its page may come back. */
  disconnected(meta: ConnectionMeta): void {
    const page = pageOf(meta);
    if (page === undefined || this.#memberships.roomsOf(page).length === 0) return;
    const at = this.#parts.platform.now() + GONE_MS;
    this.#parts.alarms.set({ id: GONE, kind: GONE, at, body: "" });
  }

  /** Restored with memberships, and maybe nobody there: a server that died told nobody. */
  begin(): void {
    const { alarms, platform } = this.#parts;
    if (this.#memberships.isEmpty || alarms.get(GONE)) return;
    if (this.#gonePages().length === 0) return;
    alarms.set({ id: GONE, kind: GONE, at: platform.now() + GONE_MS, body: "" });
  }

  #forgetGone(): void {
    for (const page of this.#gonePages()) {
      for (const room of this.#memberships.roomsOf(page)) {
        this.#memberships.erase(room, page);
        this.#left(room, page);
      }
    }
  }

  #gonePages(): string[] {
    const present = new Set([...this.#parts.everybody()].map(({ meta }) => pageOf(meta)));
    return [...this.#memberships.pages()].filter((page) => !present.has(page));
  }

  #left(room: string, page: string): void {
    this.#memberships.removed(room, page);
    if (!this.#memberships.pagesIn(room)) this.#post(room).send(LEAVE);
  }

  #post(room: string): Post {
    return this.#postTo({ type: "room", room });
  }

  #postTo(target: Exclude<EventTarget, { type: "own" }>): Post {
    const name = nameOf(target);
    let post = this.#posts.get(name);
    if (!post) this.#posts.set(name, (post = this.#openPost(target)));
    return post;
  }

  #openPost(target: Exclude<EventTarget, { type: "own" }>): Post {
    const { port, platform, alarms } = this.#parts;
    const { rooms, member } = port;
    const nothing = (): Promise<void> => Promise.resolve();
    const idle = (): void => void this.#posts.delete(nameOf(target));
    const lost = (letter: Letter, error: unknown): void => {
      if (letter.type === "deliver") {
        platform.report(error, "An event for a room or user could not be delivered; it is lost");
      } else {
        platform.report(error, "A room could not be told who is there; it is tried again");
        const at = platform.now() + AGAIN_MS;
        alarms.set({ id: AGAIN, kind: AGAIN, at, body: "" });
      }
    };
    const recipient =
      target.type === "room"
        ? {
            join: () => rooms.join(target.room, member),
            leave: () => rooms.leave(target.room, member),
            deliver: (deliveries: readonly RoomDelivery[]) =>
              rooms.deliver(target.room, deliveries),
            lost,
            idle,
          }
        : {
            join: nothing,
            leave: nothing,
            deliver: (deliveries: readonly RoomDelivery[]) =>
              port.tellUser?.(target.user, deliveries) ?? nothing(),
            lost,
            idle,
          };
    return new Post(this.#sender, recipient, platform);
  }
}

const JOIN: Letter = { type: "join" };
const LEAVE: Letter = { type: "leave" };

function nameOf(target: Exclude<EventTarget, { type: "own" }>): string {
  return target.type === "room" ? `room:${target.room}` : `user:${target.user}`;
}
