import {
  type ClientMessage,
  DEFAULT_LIMITS,
  encodeMessage,
  FrameAssembler,
  joinFrame,
  type Limits,
  type ServerMessage,
} from "@holdfast/protocol";
import type { ModuleDefinition } from "@holdfast/server";
import {
  type Connection,
  type ConnectionMeta,
  newMeta,
  sessionIdentity,
} from "@holdfast/server/internal/host/connection";
import { Host } from "@holdfast/server/internal/host/host";
import type { SqlPort } from "@holdfast/server/internal/storage/sql-port";

/** The real host of one instance in this process, on a database that outlives it. */
export class LocalInstance {
  host: Host;
  /** What the operator would find in the log. */
  readonly reports: string[] = [];
  readonly aborts: string[] = [];
  readonly #options: LocalInstanceOptions;
  /** Of the life that it is in: what they would call is gone with its memory. */
  readonly #timers = new Set<NodeJS.Timeout>();
  #tokens = 0;

  constructor(options: LocalInstanceOptions) {
    this.#options = options;
    this.host = this.#restore();
  }

  /** Forgets memory and sockets, as a crash does, and comes back from the database. */
  restart(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.host = this.#restore();
  }

  /** A connection that has not said anything. */
  connect(principal: string, silenced?: () => boolean): LocalConnection {
    const connection = new LocalConnection(principal, silenced ?? (() => false));
    this.host.connect(connection);
    return connection;
  }

  say(connection: LocalConnection, ...messages: readonly ClientMessage[]): void {
    this.host.receive(connection, joinFrame(messages.map((message) => encodeMessage(message))));
  }

  #restore(): Host {
    const { module, sql, limits } = this.#options;
    return new Host({
      module,
      name: "target",
      key: "",
      sql,
      limits: { ...DEFAULT_LIMITS, ...limits },
      env: {},
      platform: {
        now: () => Date.now(),
        // Counted, so that a run can be repeated.
        token: (length) => (this.#tokens++).toString(36).padStart(length, "0"),
        after: (ms, callback) => {
          const timer = setTimeout(() => {
            this.#timers.delete(timer);
            callback();
          }, ms);
          this.#timers.add(timer);
          return () => {
            this.#timers.delete(timer);
            clearTimeout(timer);
          };
        },
        warn: () => {},
        setAlarm: () => {},
        abort: (reason) => this.aborts.push(reason),
        report: (error, what) => this.reports.push(`${what}: ${String(error)}`),
      },
    });
  }
}

export interface LocalInstanceOptions {
  readonly module: ModuleDefinition;
  readonly sql: SqlPort;
  readonly limits?: Partial<Limits>;
}

/** A socket whose other end is the proof. */
export class LocalConnection implements Connection {
  meta: ConnectionMeta;
  /** Frames in the order that they were sent, as text. */
  readonly frames: string[] = [];
  closed: { code: number; reason: string } | undefined;
  readonly #silenced: () => boolean;
  readonly #assembler = new FrameAssembler();

  constructor(principal: string, silenced: () => boolean) {
    this.meta = newMeta(sessionIdentity(principal));
    this.#silenced = silenced;
  }

  remember(meta: ConnectionMeta): void {
    // As an attachment does: a copy, by value.
    this.meta = structuredClone(meta);
  }

  send(frame: string): void {
    if (!this.#silenced()) this.frames.push(frame);
  }

  close(code: number, reason: string): void {
    this.closed = { code, reason };
  }

  /** The messages since the last look. */
  take(): ServerMessage[] {
    return this.frames.splice(0).flatMap((frame) => [...this.#assembler.receive(frame)]);
  }
}
