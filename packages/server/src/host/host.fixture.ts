import {
  type ClientMessage,
  DEFAULT_LIMITS,
  encodeMessage,
  FrameAssembler,
  joinFrame,
  type Limits,
  PROTOCOL_VERSION,
  type ServerMessage,
} from "@holdfast/protocol";
import type { ModuleDefinition } from "../module/definition.ts";
import { openNodeSqlite } from "../node/node-sqlite-port.ts";
import type { SqlPort } from "../storage/sql-port.ts";
import { type Connection, type ConnectionMeta, newMeta, sessionIdentity } from "./connection.ts";
import { Host } from "./host.ts";
import type { RoomsPort } from "./rooms/rooms.ts";

/** A connection whose sent frames are looked at. */
export class TestConnection implements Connection {
  meta: ConnectionMeta;
  readonly frames: string[] = [];
  readonly #assembler = new FrameAssembler();
  closed: { code: number; reason: string } | undefined;
  /** Called for every frame as it is sent. */
  onSend: (frame: string) => void = () => {};

  constructor(principal = "alice") {
    this.meta = newMeta(sessionIdentity(principal));
  }

  remember(meta: ConnectionMeta): void {
    this.meta = structuredClone(meta);
  }

  send(frame: string): void {
    this.frames.push(frame);
    this.onSend(frame);
  }

  close(code: number, reason: string): void {
    this.closed = { code, reason };
  }

  /** The messages since the last look, chunks joined. */
  take(): ServerMessage[] {
    return this.frames.splice(0).flatMap((frame) => [...this.#assembler.receive(frame)]);
  }
}

/** One instance on a `node:sqlite` database that outlives it, as it would outlive an eviction. */
export class TestInstance {
  host: Host;
  readonly limits: Limits;
  readonly reports: unknown[] = [];
  readonly aborts: string[] = [];
  readonly warnings: string[] = [];
  readonly #timers = new Set<{ at: number; callback: () => void }>();
  now = 1_800_000_000_000;
  /** When the platform was told to wake the instance. */
  alarm: number | undefined;
  #tokens = 0;
  readonly #make: () => Host;

  constructor(
    module: ModuleDefinition,
    options: {
      sql?: SqlPort;
      limits?: Partial<Limits>;
      key?: string;
      rooms?: RoomsPort;
      /** See `Platform`. Without it, every frame is handled as it comes. */
      pause?: () => Promise<void>;
    } = {},
  ) {
    const sql = options.sql ?? openNodeSqlite(":memory:");
    this.limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#make = () =>
      new Host({
        module,
        name: "test",
        key: options.key ?? "",
        rooms: options.rooms,
        sql,
        limits: this.limits,
        env: {},
        platform: {
          now: () => this.now,
          token: (length) => String(++this.#tokens).padStart(length, "0"),
          abort: (reason) => this.aborts.push(reason),
          setAlarm: (at) => void (this.alarm = at),
          report: (error) => this.reports.push(error),
          warn: (message) => this.warnings.push(message),
          after: (ms, callback) => this.#after(ms, callback),
          ...(options.pause && { pause: options.pause }),
        },
      });
    this.host = this.#make();
  }

  /** Forgets memory, as an eviction does, and comes back with the same sockets. */
  evict(...connections: readonly Connection[]): void {
    this.#timers.clear();
    this.host = this.#make();
    for (const connection of connections) this.host.connect(connection);
  }

  /** Moves the clock, and lets what is due happen. */
  async move(ms: number): Promise<void> {
    this.now += ms;
    for (const timer of [...this.#timers].filter(({ at }) => at <= this.now)) {
      if (this.#timers.delete(timer)) timer.callback();
    }
    await settled();
  }

  #after(ms: number, callback: () => void): () => void {
    const timer = { at: this.now + ms, callback };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** A connection that said `hello` for `clients`. */
  join(principal = "alice", ...clients: readonly string[]): TestConnection {
    const connection = new TestConnection(principal);
    this.host.connect(connection);
    this.say(connection, {
      type: "hello",
      protocol: PROTOCOL_VERSION,
      clients: clients.map((id) => ({ id, settled: 0 })),
    });
    return connection;
  }

  /** A connection that has said nothing yet. */
  silent(principal = "alice"): TestConnection {
    const connection = new TestConnection(principal);
    this.host.connect(connection);
    return connection;
  }

  say(connection: Connection, ...messages: readonly ClientMessage[]): void {
    this.host.receive(connection, joinFrame(messages.map(encodeMessage)));
  }
}

/** Everything that needs nothing but microtasks has happened. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
