import {
  DEFAULT_LIMITS,
  HoldfastError,
  type Limits,
  PING_FRAME,
  PONG_FRAME,
} from "@holdfast/protocol";
import { type NodeSqlite, openNodeSqlite } from "@holdfast/server/internal/node/node-sqlite-port";
import type { Objects } from "@holdfast/server/internal/cloudflare/objects";
import { decodeIdentity } from "@holdfast/server/internal/cloudflare/identity-header";
import { movePort, notHere } from "@holdfast/server/internal/cloudflare/reach";
import { Instance as RealInstance } from "@holdfast/server/internal/host/instance";
import type { Adoption, AdoptOutcome, Move } from "@holdfast/server/internal/host/move/move";
import type { Modules } from "@holdfast/server/internal/module/definition";
import type { Clock } from "@holdfast/server/internal/testing/app/clock";
import { Life, LifeIsOver } from "@holdfast/server/internal/testing/app/life";
import type { Link } from "@holdfast/testing/world/link";
import type { LeaksEnv } from "./app.ts";
import { ServerSocket } from "./server-socket.ts";

/** What objects are given of the world, and what they tell it. */
export interface ObjectsParts {
  readonly modules: Modules;
  readonly clock: Clock;
  readonly token: (length: number) => string;
  /** Resolves when the world says so: whoever waits for it is on the way between two objects. */
  readonly hop: () => Promise<void>;
  /** How many of so many frames on the wire still arrive when an object dies. */
  readonly arriving: (inFlight: number) => number;
  readonly onSend: (name: string, socket: ServerSocket, frame: string) => void;
  readonly onReport: (what: string) => void;
  readonly onAbort: (reason: string) => void;
  /** A session's state is on its way to another instance, and then has arrived there. */
  readonly onAdoption: (adoption: Adoption, instance: string, outcome?: AdoptOutcome) => void;
}

/** The platform rings again when an alarm fails. */
const AGAIN_MS = 2_000;

/** Longer than what a handler does after its pause. */
const BUSY_MS = 5_000;

/** One object: its database, its alarm and maybe its sockets outlive its lives. */
class Instance {
  readonly name: string;
  readonly sql: NodeSqlite = openNodeSqlite(":memory:");
  readonly sockets = new Set<ServerSocket>();
  alarm: number | undefined;
  life: Life<RealInstance> | undefined;
  /** Handlers are under way until then: it does not hibernate over them. */
  busyUntil = 0;
  /** Something was written since it was last looked at. */
  isDirty = false;
  /** Nobody is connected since. */
  lonelySince: number;

  constructor(name: string, now: number) {
    this.name = name;
    this.lonelySince = now;
  }
}

/**
 * The Durable Objects of an app: the real thing on real SQLite each, which call each other and may die
 * before and after every write, and on both sides of every call.
 */
export class LeaksObjects implements Disposable {
  readonly #parts: ObjectsParts;
  readonly #limits: Limits = { ...DEFAULT_LIMITS, ratePerSecond: 10_000, rateBurst: 10_000 };
  readonly #instances = new Map<string, Instance>();
  /** The object that takes the step of this number from now on dies of it. */
  killIn = 0;
  kills = 0;

  constructor(parts: ObjectsParts) {
    this.#parts = parts;
  }

  get instances(): ReadonlyMap<string, Instance> {
    return this.#instances;
  }

  /** The names of those that are in memory. */
  get awake(): string[] {
    return [...this.#instances.values()]
      .filter(({ life }) => life?.isOver === false)
      .map(({ name }) => name);
  }

  /** The next alarm. */
  get alarm(): { readonly at: number; readonly ring: () => void } | undefined {
    let next: Instance | undefined;
    for (const one of this.#instances.values()) {
      if (one.alarm !== undefined && one.alarm < (next?.alarm ?? Infinity)) next = one;
    }
    return next?.alarm === undefined
      ? undefined
      : { at: next.alarm, ring: () => void this.#ring(next.name) };
  }

  /** As the Worker reaches them, for the socket at the end of a link. */
  forLink(link: Link): Objects {
    return this.#namespace((name) => ({
      fetch: (_url: string, init: { headers: Headers }) => this.#upgrade(name, link, init.headers),
    }));
  }

  /** The object, woken if it has to be. */
  wake(name: string): RealInstance {
    return this.#life(name).resident;
  }

  #life(name: string): Life<RealInstance> {
    const instance = this.#instance(name);
    if (instance.life?.isOver === false) return instance.life;
    const { clock, token, onReport, onAbort, modules } = this.#parts;
    const env: LeaksEnv = {
      pause: (ms) => {
        instance.busyUntil = clock.now + ms + BUSY_MS;
        return new Promise((resolve) => void life.after(ms, resolve));
      },
    };
    const life: Life<RealInstance> = new Life({
      sql: instance.sql,
      clock,
      token,
      watch: {
        beforeWrite: () => {
          this.#step(instance, life);
          instance.isDirty = true;
        },
        afterWrite: () => this.#step(instance, life),
      },
      setAlarm: (at) => void (instance.alarm = at),
      abort: (reason) => {
        onAbort(`${name}: ${reason}`);
        this.kill(name, false);
      },
      report: (message, cause) =>
        onReport(cause === undefined ? message : `${message}: ${textOf(cause)}`),
      begin: (ground) =>
        new RealInstance({
          ...ground,
          modules,
          name,
          limits: this.#limits,
          env,
          port: (module) => movePort(() => this.#callsFrom(instance, life), module),
          connections: () => {
            for (const socket of instance.sockets) this.#attach(socket, life);
            return instance.sockets;
          },
        }),
    });
    instance.busyUntil = 0;
    return (instance.life = life);
  }

  /** Ends the life of an object at once; its sockets outlive it, as an eviction, or do not. */
  kill(name: string, keepsSockets: boolean): void {
    const instance = this.#instance(name);
    const { life } = instance;
    if (!life || life.isOver) return;
    life.end();
    this.kills++;
    if (keepsSockets && instance.busyUntil < this.#parts.clock.now) return;
    for (const socket of instance.sockets) {
      socket.link.dropServerEnd(this.#parts.arriving(socket.link.inFlight.down));
    }
    if (instance.sockets.size > 0) instance.lonelySince = this.#parts.clock.now;
    instance.sockets.clear();
  }

  /** Whether a session has moved away from an instance, and that has told it so. */
  hasLeft(name: string, session: string, generation: number): boolean {
    const { sql } = this.#instance(name);
    if (sql.run("SELECT 1 FROM sqlite_master WHERE name = 'holdfast_moves'").length === 0)
      return false;
    return sql.run("SELECT body FROM holdfast_moves WHERE done = 1").some(({ body }) => {
      // As `Departures` writes it.
      const move = JSON.parse(String(body)) as Move;
      return move.session === session && move.generation >= generation;
    });
  }

  /** Nothing happens any more. Thousands of databases are not left to the collector. */
  [Symbol.dispose](): void {
    for (const { life, sql } of this.#instances.values()) {
      life?.end();
      sql.close();
    }
  }

  receive(socket: ServerSocket, frame: string): void {
    if (!socket.isOpen) return;
    // The platform answers by itself, and wakes nobody.
    if (frame === PING_FRAME) return socket.link.sendDown({ type: "frame", text: PONG_FRAME });
    this.#guarded(() => this.wake(socket.instance).receive(socket, frame));
  }

  closed(socket: ServerSocket): void {
    const instance = this.#instance(socket.instance);
    if (!instance.sockets.delete(socket)) return;
    if (instance.sockets.size === 0) instance.lonelySince = this.#parts.clock.now;
    this.#guarded(() => this.wake(instance.name).disconnect(socket));
  }

  async #upgrade(name: string, link: Link, headers: Headers): Promise<Response> {
    await this.#parts.hop();
    // Nothing but the header is looked at.
    const identity = decodeIdentity({ headers } as Request);
    if (!identity) throw new Error("The Worker says who asks.");
    const life = this.#life(name);
    const where = await life.during(life.resident.locate(identity));
    if (where instanceof HoldfastError || where.type !== "here") return notHere(where);
    const instance = this.#instance(name);
    const socket = new ServerSocket(name, link, { ...identity, generation: where.generation });
    instance.sockets.add(socket);
    link.sendDown({ type: "open" });
    this.#guarded(() => {
      const woken = this.wake(name);
      if (instance.life) this.#attach(socket, instance.life);
      woken.connect(socket);
    });
    if (!instance.sockets.has(socket)) throw new LifeIsOver();
    // A response of this status cannot be made, and nothing else of it is looked at.
    return { status: 101, socket } as unknown as Response;
  }

  #attach(socket: ServerSocket, life: Life<RealInstance>): void {
    socket.attach(life, (frame) => this.#parts.onSend(socket.instance, socket, frame));
  }

  async #ring(name: string): Promise<void> {
    const instance = this.#instance(name);
    instance.alarm = undefined;
    try {
      const life = this.#life(name);
      await life.during(life.resident.ring());
    } catch (error) {
      if (!(error instanceof LifeIsOver)) throw error;
      instance.alarm ??= this.#parts.clock.now + AGAIN_MS;
    }
  }

  /** As one object reaches others. */
  #callsFrom(caller: Instance, life: Life<RealInstance>): Objects {
    const call = async <T>(name: string, ask: (real: RealInstance) => Promise<T>): Promise<T> => {
      this.#step(caller, life);
      await this.#parts.hop();
      const callee = this.#life(name);
      const answer = await callee.during(ask(callee.resident));
      await this.#parts.hop();
      this.#step(caller, life);
      // As it comes out of another object.
      return structuredClone(answer);
    };
    return this.#namespace((name) => ({
      holdfastBegin: (move: Move) => call(name, (real) => real.begin(structuredClone(move))),
      holdfastAdopt: (adoption: Adoption) =>
        call(name, async (real) => {
          const { onAdoption } = this.#parts;
          onAdoption(adoption, name);
          const outcome = await real.adopt(structuredClone(adoption));
          onAdoption(adoption, name, outcome);
          return outcome;
        }),
    }));
  }

  #namespace(stubOf: (name: string) => object): Objects {
    // What is asked of a namespace here is this alone.
    return { getByName: stubOf } as unknown as Objects;
  }

  #instance(name: string): Instance {
    let instance = this.#instances.get(name);
    if (!instance) {
      this.#instances.set(name, (instance = new Instance(name, this.#parts.clock.now)));
    }
    return instance;
  }

  /** What happens inside an object that dies of it is over. */
  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof LifeIsOver)) throw error;
    }
  }

  #step(instance: Instance, life: Life<RealInstance>): void {
    if (life.isOver) throw new LifeIsOver();
    if (this.killIn === 0 || --this.killIn > 0) return;
    // Half of them as an eviction.
    this.kill(instance.name, this.#parts.arriving(1) === 1);
    throw new LifeIsOver();
  }
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return `${error.stack ?? error.message}${error.cause === undefined ? "" : ` ${textOf(error.cause)}`}`;
}
