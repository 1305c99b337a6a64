import {
  type ClientMessage,
  DEFAULT_LIMITS,
  encodeMessage,
  type Limits,
  PROTOCOL_VERSION,
  type ServerMessage,
  type Value,
} from "@holdfast/protocol";
import type { ModuleDefinition } from "../module/definition.ts";
import { instanceName } from "../module/instance-name.ts";
import { openNodeSqlite } from "../node/node-sqlite-port.ts";
import { failingPort } from "./failing-port.fixture.ts";
import { TestConnection } from "./host.fixture.ts";
import { Instance } from "./instance.ts";

/** The messages of presence that a connection has been sent since the last look. */
export function present(connection: TestConnection): ServerMessage[] {
  return connection.take().filter(({ type }) => type === "present");
}

/** What one that knew `all` knows behind these messages; by default, one that was told of nobody. */
export function known(
  messages: readonly ServerMessage[],
  all: Map<string, Value> = new Map(),
): Map<string, Value> {
  for (const message of messages) {
    if (message.type !== "present") continue;
    if (message.you !== undefined) all.clear();
    for (const one of message.others) {
      if ("value" in one) all.set(one.id, one.value);
      else all.delete(one.id);
    }
  }
  return all;
}

/** A page that shows its user, and reads whatever comes. */
export class PresencePage {
  readonly connection: TestConnection;
  shown: Value;
  readonly #seen = new Map<string, Value>();
  #unsaid = 0;

  constructor(name: string) {
    this.connection = new TestConnection(name);
  }

  /** What it sees of the others, and shows itself. */
  get sees(): Value[] {
    const { presence } = this.connection.meta;
    const others = [...this.#seen].filter(([id]) => id !== presence?.id);
    return [this.shown, ...others.map(([, value]) => value)].toSorted();
  }

  /** Reads what has come; says how much that was, if it is time to. */
  read(limits: Limits): ClientMessage | undefined {
    for (const frame of this.connection.frames) this.#unsaid += frame.length;
    known(this.connection.take(), this.#seen);
    if (this.#unsaid < limits.seenEveryBytes) return undefined;
    const read = this.#unsaid;
    this.#unsaid = 0;
    return { type: "seen", read };
  }
}

/** One instance in whose memory nobody is, but while something happens; and pages. */
export class PresenceHome {
  readonly limits: Limits;
  readonly pages: PresencePage[] = [];
  readonly storage: ReturnType<typeof failingPort> = failingPort(openNodeSqlite(":memory:"));
  readonly #module: ModuleDefinition;
  readonly #timers = new Set<{ readonly at: number; readonly callback: () => void }>();
  #now = 0;
  #tokens = 0;
  #instance: Instance | undefined;

  constructor(module: ModuleDefinition, limits: Partial<Limits> = {}) {
    this.#module = module;
    this.limits = { ...DEFAULT_LIMITS, ...limits };
  }

  /** As it is in memory now, or comes there. */
  get instance(): Instance {
    return (this.#instance ??= this.#begin());
  }

  /** Connects, and shows `value` of its user. */
  join(name: string, value: Value): PresencePage {
    const page = new PresencePage(name);
    const { instance } = this;
    this.pages.push(page);
    instance.connect(page.connection);
    this.say(page, {
      type: "hello",
      protocol: PROTOCOL_VERSION,
      clients: [{ id: name, settled: 0 }],
    });
    this.show(page, value);
    return page;
  }

  show(page: PresencePage, value: Value): void {
    page.shown = value;
    this.say(page, { type: "presence", value });
  }

  leave(page: PresencePage): void {
    this.pages.splice(this.pages.indexOf(page), 1);
    this.instance.disconnect(page.connection);
  }

  say(page: PresencePage, message: ClientMessage): void {
    this.instance.receive(page.connection, encodeMessage(message));
  }

  /** Everything that came is read, and every timer rings, until nothing is left. */
  rest(): void {
    for (let isQuiet = false; !isQuiet;) {
      isQuiet = true;
      for (const page of this.pages) {
        const seen = page.read(this.limits);
        if (!seen) continue;
        isQuiet = false;
        this.say(page, seen);
      }
      const [next] = [...this.#timers].toSorted((one, other) => one.at - other.at);
      // What is to happen seconds from now is for readers that have stopped.
      if (!isQuiet || !next || next.at > this.#now + 1_000) continue;
      isQuiet = false;
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.callback();
    }
  }

  /** Memory goes; sockets stay, and what is kept with them. */
  hibernate(): void {
    this.#timers.clear();
    this.#instance = undefined;
  }

  #begin(): Instance {
    return new Instance({
      modules: { board: this.#module },
      name: instanceName("board", ""),
      sql: this.storage.port,
      limits: this.limits,
      env: {},
      port: () => ({ begin: never, adopt: never }),
      connections: () =>
        this.pages.map(({ connection }) => connection).filter(({ closed }) => !closed),
      platform: {
        now: () => this.#now,
        token: (length) => String(++this.#tokens).padStart(length, "0"),
        setAlarm: () => {},
        abort: (reason) => {
          throw new Error(reason);
        },
        report: () => {},
        warn: () => {},
        after: (ms, callback) => {
          const timer = { at: this.#now + ms, callback };
          this.#timers.add(timer);
          return () => void this.#timers.delete(timer);
        },
      },
    });
  }
}

function never(): Promise<never> {
  throw new Error("Nobody moves here.");
}
