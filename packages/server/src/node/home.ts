import { existsSync } from "node:fs";
import { type Limits, PING_FRAME, PONG_FRAME, randomToken } from "@holdfast/protocol";
import type { RawData, WebSocket } from "ws";
import type { ConnectionIdentity } from "../host/connection.ts";
import type { Platform } from "../host/platform.ts";
import type { AlarmClock } from "./alarm-clock.ts";
import type { DataFolder } from "./data-folder.ts";
import { GatedDatabase } from "./gated-database.ts";
import { NodeConnection } from "./node-connection.ts";
import type { Ground, Resident } from "./resident.ts";

/** What homes have in common. */
export interface HomeParts<Here extends Resident> {
  readonly folder: DataFolder;
  readonly alarms: AlarmClock;
  readonly limits: Limits;
  readonly begin: (ground: Ground) => Here;
  /** Nothing comes into memory any more. */
  readonly isClosed: () => boolean;
}

/** A stay in memory, from waking to unloading or to an end by force. */
interface Life<Here> {
  readonly resident: Here;
  readonly database: GatedDatabase;
  readonly timers: Set<NodeJS.Timeout>;
  readonly ended: Promise<never>;
  readonly end: (reason: Error) => void;
}

/**
 * Where one instance is at home in this process: its file, its sockets, its stay in memory. It does
 * for an instance what the platform does for a Durable Object: memory comes when it is needed, and
 * goes, while sockets stay.
 */
export class Home<Here extends Resident> {
  readonly name: string;
  readonly #parts: HomeParts<Here>;
  readonly #connections = new Set<NodeConnection>();
  #life: Life<Here> | undefined;
  readonly #uses = new Set<Promise<unknown>>();
  #touched = Date.now();
  #isClosing = false;

  constructor(name: string, parts: HomeParts<Here>) {
    this.name = name;
    this.#parts = parts;
  }

  get isInMemory(): boolean {
    return this.#life !== undefined;
  }

  /** Nobody is here, and nothing is in memory. */
  get isEmpty(): boolean {
    return !this.#life && this.#connections.size === 0 && this.#uses.size === 0;
  }

  /** Takes in the socket of somebody who was admitted. */
  accept(socket: WebSocket, identity: ConnectionIdentity): void {
    const behind = (happen: () => void): void => {
      if (this.#life) this.#life.database.behind(happen);
      else happen();
    };
    const connection = new NodeConnection(socket, identity, behind, this.#parts.limits);
    this.#connections.add(connection);
    socket.on("message", (data, isBinary) => this.#receive(connection, frameOf(data, isBinary)));
    socket.on("close", () => this.#forget(connection));
    // What it is about to close for anyway.
    socket.on("error", () => undefined);
    this.#handle(connection, (resident) => resident.connect(connection));
  }

  /**
   * Has the instance do something. Resolves when that is over and all that it wrote is durable.
   *
   * @throws Error when the instance is ended by force meanwhile
   */
  async use<Result>(work: (resident: Here) => Result | Promise<Result>): Promise<Result> {
    const using = this.#use(work);
    this.#uses.add(using);
    try {
      return await using;
    } finally {
      this.#uses.delete(using);
      this.#touched = Date.now();
    }
  }

  /** Resolves when all that was written here is durable. */
  async durable(): Promise<void> {
    await this.#life?.database.durable();
  }

  /** Whether nothing has happened for so long, and nothing is under way. */
  isIdle(ms: number): boolean {
    const life = this.#life;
    return (
      life !== undefined &&
      this.#uses.size === 0 &&
      life.timers.size === 0 &&
      life.resident.running === undefined &&
      Date.now() - this.#touched >= ms
    );
  }

  /** Memory goes; the file and the sockets stay. */
  unload(): void {
    const life = this.#life;
    if (!life) return;
    // Should that fail, it ends by force.
    life.database.flush();
    if (this.#life !== life) return;
    this.#life = undefined;
    const { isVacant } = life.database;
    life.end(new Error("The instance was unloaded."));
    // A session that has ended leaves nothing on the disk.
    if (isVacant) this.#parts.folder.removeFileOf(this.name);
    this.#parts.alarms.tidy(this.name);
  }

  /** Takes nothing in from sockets any more, and resolves when what is under way is over. */
  async rest(): Promise<void> {
    this.#isClosing = true;
    while (this.#uses.size > 0 || this.#life?.resident.running) {
      await Promise.allSettled([...this.#uses, this.#life?.resident.running]);
    }
  }

  /** Sends everybody away; resolves when what that has begun is over, and all is saved. */
  async wind(code: number, reason: string): Promise<void> {
    this.leave(code, reason);
    await this.rest();
    await this.#life?.resident.flush?.();
  }

  /** Sends everybody away. */
  leave(code: number, reason: string): void {
    for (const connection of this.#connections) {
      this.#connections.delete(connection);
      this.#handle(connection, (resident) => resident.disconnect(connection));
      connection.close(code, reason);
    }
  }

  async #use<Result>(work: (resident: Here) => Result | Promise<Result>): Promise<Result> {
    const life = this.#awake();
    const result = await Promise.race([work(life.resident), life.ended]);
    await life.database.durable();
    return result;
  }

  #receive(connection: NodeConnection, frame: string | ArrayBuffer): void {
    // Wakes nobody. One that is not answered now is no more than late.
    if (frame === PING_FRAME) return connection.write(PONG_FRAME);
    if (this.#isClosing || !this.#connections.has(connection)) return;
    this.#handle(connection, (resident) => resident.receive(connection, frame));
  }

  #forget(connection: NodeConnection): void {
    if (!this.#connections.delete(connection)) return;
    this.#handle(connection, (resident) => resident.disconnect(connection));
  }

  #handle(connection: NodeConnection, work: (resident: Here) => void): void {
    this.#touched = Date.now();
    let resident: Here;
    try {
      ({ resident } = this.#awake());
    } catch (error) {
      report(error, `The file of ${this.name} could not be opened`);
      this.#connections.delete(connection);
      // Its client comes back, again and again, and finds it when it is mended.
      connection.terminate();
      return;
    }
    try {
      work(resident);
    } catch (error) {
      // One instance's trouble is not the others'.
      report(error, `An event of ${this.name} failed`);
    }
  }

  #awake(): Life<Here> {
    if (this.#parts.isClosed()) throw new Error("The server has closed.");
    return (this.#life ??= this.#begin());
  }

  #begin(): Life<Here> {
    const { folder, alarms, begin } = this.#parts;
    const timers = new Set<NodeJS.Timeout>();
    const database = new GatedDatabase({
      path: () => folder.makeFileOf(this.name),
      exists: existsSync(folder.fileOf(this.name)),
      beforeAlarm: (at) => alarms.foresee(this.name, at),
      onAlarm: (at) => alarms.set(this.name, at),
      onBroken: (error) => {
        report(error, `${this.name} could not be stored; its clients come back to what is`);
        this.#abort(life, "storage failed");
      },
    });
    const { promise: ended, reject } = Promise.withResolvers<never>();
    // Often nobody waits for it.
    ended.catch(() => undefined);
    const ground: Ground = {
      name: this.name,
      sql: database,
      platform: platform(database, timers, (reason) => this.#abort(life, reason)),
      connections: () => [...this.#connections].filter(({ isOpen }) => isOpen),
    };
    const life: Life<Here> = {
      resident: begin(ground),
      database,
      timers,
      ended,
      end: (reason) => {
        for (const timer of timers) clearTimeout(timer);
        timers.clear();
        database.end(reason);
        reject(reason);
      },
    };
    return life;
  }

  /** What is in memory is not to be trusted: everybody comes back to what is stored. */
  #abort(life: Life<Here>, reason: string): void {
    if (this.#life !== life) return;
    this.#life = undefined;
    life.end(new Error(`The instance ended: ${reason}`));
    for (const connection of this.#connections) connection.terminate();
    this.#connections.clear();
  }
}

function platform(
  database: GatedDatabase,
  timers: Set<NodeJS.Timeout>,
  abort: (reason: string) => void,
): Platform {
  return {
    now: () => Date.now(),
    token: randomToken,
    after: (ms, callback) => {
      // Code of a stay that has ended may still run; nothing comes of it.
      if (database.hasEnded) return () => undefined;
      const timer = setTimeout(() => {
        timers.delete(timer);
        callback();
      }, ms);
      timers.add(timer);
      return () => {
        timers.delete(timer);
        clearTimeout(timer);
      };
    },
    setAlarm: (at) => database.setAlarm(at),
    pause: () =>
      new Promise((resolve) => {
        setImmediate(() => {
          if (!database.hasEnded) resolve();
        });
      }),
    durable: () => database.durable(),
    abort,
    warn: (message) => console.warn(`Holdfast: ${message}`),
    report,
  };
}

function report(error: unknown, what: string): void {
  console.error(`Holdfast: ${what}.`, error);
}

function frameOf(data: RawData, isBinary: boolean): string | ArrayBuffer {
  // Buffers are what sockets give unless they are told otherwise.
  const bytes = data as Buffer;
  if (!isBinary) return bytes.toString("utf8");
  return new Uint8Array(bytes).buffer;
}
