import { DEFAULT_LIMITS, type Limits } from "@holdfast/protocol";
import { openNodeSqlite } from "../../node/node-sqlite-port.ts";
import type { SqlPort } from "../../storage/sql-port.ts";
import type { RoomDelivery, RoomMember } from "../room-port.ts";
import { Room } from "./room.ts";

/** A member of the name's own user. */
export function member(name: string): RoomMember {
  return { connection: "UserConnection", instance: name, user: `user of ${name}` };
}

/** Events of one sender, numbered from `from`. */
export function events(sender: string, from: number, count = 1): RoomDelivery[] {
  return Array.from({ length: count }, (_, index) => ({
    from: sender,
    number: from + index,
    text: `${sender} ${from + index}`,
    except: [],
  }));
}

type Answer = "taken" | "gone";

/** What happens at one call of a member; by default it takes what it is told. */
export type Behaviour = (deliveries: readonly RoomDelivery[]) => Answer | Promise<Answer>;

/** A room on a database that outlives it, with members that behave as they are told. */
export class TestRoom {
  room: Room;
  readonly limits: Limits;
  /** What each member has heard, in order. */
  readonly heard = new Map<string, string[]>();
  /** How many deliveries each call carried, by member. */
  readonly calls = new Map<string, number[]>();
  readonly behaviours = new Map<string, Behaviour>();
  readonly reports: unknown[] = [];
  readonly warnings: string[] = [];
  /** Events that the room asked for itself. */
  ownEvents = 0;
  /** Calls under way, and the most there were; calls that began in one event, at most. */
  underWay = 0;
  mostUnderWay = 0;
  begun = 0;
  mostBegun = 0;
  now = 1_800_000_000_000;
  readonly sql: SqlPort;
  readonly #timers = new Set<{ at: number; callback: () => void }>();
  #tokens = 0;
  #generation = 0;

  constructor(options: { sql?: SqlPort; limits?: Partial<Limits> } = {}) {
    this.sql = options.sql ?? openNodeSqlite(":memory:");
    this.limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.room = this.#open();
  }

  /** Forgets memory, as an eviction does. What was under way goes nowhere. */
  restart(): void {
    this.#timers.clear();
    this.room = this.#open();
  }

  join(...names: readonly string[]): void {
    for (const name of names) this.room.join(member(name));
  }

  /** An event from outside: calls that it begins are counted afresh. */
  send(deliveries: readonly RoomDelivery[]): void {
    this.begun = 0;
    this.room.deliver(deliveries);
  }

  heardBy(name: string): readonly string[] {
    return this.heard.get(name) ?? [];
  }

  /** Moves the clock, and lets what is due happen. */
  async move(ms: number): Promise<void> {
    this.now += ms;
    for (const timer of [...this.#timers].filter(({ at }) => at <= this.now)) {
      if (this.#timers.delete(timer)) timer.callback();
    }
    await settled();
  }

  get timers(): number {
    return this.#timers.size;
  }

  #open(): Room {
    const generation = ++this.#generation;
    return new Room({
      name: "lobby",
      sql: this.sql,
      limits: this.limits,
      members: {
        deliver: (to, _room, deliveries) => this.#call(generation, to.instance, deliveries),
      },
      platform: {
        now: () => this.now,
        token: (length) => String(++this.#tokens).padStart(length, "0"),
        after: (ms, callback) => {
          const timer = { at: this.now + ms, callback };
          if (generation === this.#generation) this.#timers.add(timer);
          return () => void this.#timers.delete(timer);
        },
        nextEvent: async () => {
          this.ownEvents++;
          this.begun = 0;
        },
        report: (error) => this.reports.push(error),
        warn: (message) => this.warnings.push(message),
      },
    });
  }

  async #call(
    generation: number,
    name: string,
    deliveries: readonly RoomDelivery[],
  ): Promise<Answer> {
    this.underWay++;
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay);
    this.begun++;
    this.mostBegun = Math.max(this.mostBegun, this.begun);
    this.calls.set(name, [...(this.calls.get(name) ?? []), deliveries.length]);
    try {
      // Let others begin: a call takes a moment.
      await Promise.resolve();
      const answer = await this.behaviours.get(name)?.(deliveries);
      // A room that is no more: its calls go nowhere.
      if (generation !== this.#generation) return await new Promise<never>(() => {});
      if (answer === "gone") return answer;
      const heard = this.heard.get(name) ?? [];
      this.heard.set(name, [...heard, ...deliveries.map(({ text }) => text)]);
      return "taken";
    } finally {
      this.underWay--;
    }
  }
}

/** A call that ends when it is told to. */
export function held(): { behaviour: Behaviour; letGo: (answer?: Answer) => void } {
  let letGo: (answer?: Answer) => void = () => {};
  const answered = new Promise<Answer>((resolve) => {
    letGo = (answer = "taken") => resolve(answer);
  });
  return { behaviour: () => answered, letGo: (answer) => letGo(answer) };
}

/** Everything that needs nothing but microtasks has happened. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
