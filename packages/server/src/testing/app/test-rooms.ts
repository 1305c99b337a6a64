import { HoldfastError, type Limits, randomToken } from "@holdfast/protocol";
import { connectionKey, parseConnectionKey } from "../../connection/connection-key.ts";
import type { RoomMember, RoomPort } from "../../connection/room-port.ts";
import { Room } from "../../connection/room/room.ts";
import { type RoomAnswer, RoomLink } from "../../connection/room/room-link.ts";
import type { ConnectionPlace } from "../../host/instance.ts";
import type { RoomsPort } from "../../host/rooms/rooms.ts";
import { instanceName } from "../../module/instance-name.ts";
import { openNodeSqlite } from "../../node/node-sqlite-port.ts";
import type { Alarm, Clock } from "./clock.ts";
import type { Errands } from "./errands.ts";
import type { TestHome } from "./test-home.ts";

/** What the rooms of an app stand on. */
export interface RoomsGround {
  readonly limits: Limits;
  readonly clock: Clock;
  readonly errands: Errands;
  /** Memory goes after every event that leaves nothing under way. */
  readonly hibernates: boolean;
  /** Whether storage takes nothing now. */
  readonly isStorageFailing: () => boolean;
  /** Where a member is at home. */
  readonly member: (member: RoomMember) => TestHome;
  readonly report: (message: string, cause?: unknown) => void;
}

/** The rooms that connections of an app join. */
export class TestRooms {
  readonly #ground: RoomsGround;
  readonly #rooms = new Map<string, RoomHome>();

  constructor(ground: RoomsGround) {
    this.#ground = ground;
  }

  /** What the instance of a connection needs of rooms and other users. */
  portOf({ binding, module, key }: ConnectionPlace): RoomsPort {
    const owner = parseConnectionKey(key);
    const tellUser: RoomsPort["tellUser"] = async (user, deliveries) => {
      const instance = instanceName(module, connectionKey({ type: "user", user }));
      const home = this.#ground.member({ connection: binding, instance, user });
      await home.use((other) => other.take(undefined, deliveries));
    };
    return {
      rooms: this.#link(),
      member: {
        connection: binding,
        instance: instanceName(module, key),
        user: owner?.user ?? "",
      },
      tellUser: owner?.type === "user" ? tellUser : undefined,
    };
  }

  /** Memory goes, unless something is being delivered. */
  hibernate(): void {
    for (const room of this.#rooms.values()) room.hibernate();
  }

  /** Memory goes, with what was being delivered. */
  kill(): void {
    for (const room of this.#rooms.values()) room.kill();
  }

  close(): void {
    for (const room of this.#rooms.values()) room.close();
  }

  #link(): RoomPort {
    const ask = (name: string, work: (room: Room) => void, from = ""): Promise<RoomAnswer> =>
      this.#ground.errands.follow(this.#at(name).ask(work, from));
    return new RoomLink({
      join: (name, member) => ask(name, (room) => room.join(member)),
      leave: (name, member) => ask(name, (room) => room.leave(member)),
      deliver: (name, deliveries, repeat) =>
        ask(name, (room) => room.deliver(deliveries, repeat), deliveries[0]?.from),
    });
  }

  #at(name: string): RoomHome {
    let room = this.#rooms.get(name);
    if (!room) this.#rooms.set(name, (room = new RoomHome(name, this.#ground)));
    return room;
  }
}

/** A room's stay in memory. */
interface Life {
  readonly room: Room;
  readonly timers: Set<Alarm>;
}

/** Where one room is at home: its database, which outlives its memory. */
class RoomHome {
  readonly #name: string;
  readonly #ground: RoomsGround;
  readonly #sql = openNodeSqlite(":memory:");
  #life: Life | undefined;
  #deliveries = 0;

  constructor(name: string, ground: RoomsGround) {
    this.#name = name;
    this.#ground = ground;
  }

  /** What goes wrong is part of the answer, as it is where a room is an object of its own. */
  async ask(work: (room: Room) => void, from: string): Promise<RoomAnswer> {
    const { room } = (this.#life ??= this.#begin());
    let error: HoldfastError | undefined;
    try {
      work(room);
    } catch (thrown) {
      error = asRefusal(thrown, this.#ground.report);
    }
    void this.#delivered(room);
    return { incarnation: room.incarnation, error, reached: room.reached(from) };
  }

  hibernate(): void {
    if (this.#deliveries === 0) this.#life = undefined;
  }

  kill(): void {
    for (const timer of this.#life?.timers ?? []) this.#ground.clock.clear(timer);
    this.#life = undefined;
    this.#deliveries = 0;
  }

  close(): void {
    this.kill();
    this.#sql.close();
  }

  async #delivered(room: Room): Promise<void> {
    const life = this.#life;
    this.#deliveries++;
    await room.idle;
    if (this.#life !== life) return;
    this.#deliveries--;
    if (this.#ground.hibernates) this.hibernate();
  }

  #begin(): Life {
    const { clock, errands, limits, member, report, isStorageFailing } = this.#ground;
    const timers = new Set<Alarm>();
    const isAlive = (): boolean => this.#life?.timers === timers;
    const room = new Room({
      name: this.#name,
      limits,
      sql: {
        run: (text, ...bindings) => {
          if (isStorageFailing() && !/^\s*SELECT/i.test(text)) {
            throw new Error("database or disk is full (as the test asked for)");
          }
          return this.#sql.run(text, ...bindings);
        },
        transaction: (work) => this.#sql.transaction(work),
      },
      members: {
        // Nothing of a memory that is gone has any effect.
        deliver: async (who, room, deliveries) =>
          isAlive()
            ? member(who).use((instance) => instance.take(room, deliveries))
            : new Promise(() => {}),
      },
      platform: {
        now: () => clock.now,
        token: randomToken,
        after: (ms, callback) => {
          const timer = clock.set(clock.now + ms, () => {
            timers.delete(timer);
            if (isAlive()) callback();
          });
          timers.add(timer);
          return () => {
            timers.delete(timer);
            clock.clear(timer);
          };
        },
        nextEvent: () => new Promise((resolve) => errands.post(resolve)),
        report: (error, what) => report(what, error),
        warn: (message) => report(message),
      },
    });
    return { room, timers };
  }
}

function asRefusal(error: unknown, report: RoomsGround["report"]): HoldfastError {
  if (error instanceof HoldfastError) return error;
  report("A room failed", error);
  return new HoldfastError("STORAGE_FAILED", "The room cannot be read.", { cause: error });
}
