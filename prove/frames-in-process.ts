import {
  canonicalEncode,
  CloseCode,
  ERROR_CODES,
  type HelloMessage,
  PROTOCOL_VERSION,
  type ServerMessage,
} from "@holdfast/protocol";
import { openNodeSqlite } from "@holdfast/server/internal/node/node-sqlite-port";
import { type Frame, hostileTraffic } from "./hostile-traffic.ts";
import { type LocalConnection, LocalInstance } from "./local-instance.ts";
import { prototypesFingerprint } from "./prototypes.ts";
import { Random } from "@holdfast/testing/random";
import type { ProofOptions } from "./report.ts";
import { target, WRITE } from "./target.ts";

export interface FramesFound {
  readonly figures: Record<string, number | string>;
  readonly failures: string[];
}

/** Frames at the real host, with everything that it could do wrong looked at after each. */
export function framesInProcess(options: ProofOptions): FramesFound {
  const siege = new Siege(options);
  for (let number = 1; number <= options.n; number++) {
    siege.attack();
    if (number % STATE_EVERY === 0) siege.checkState(`after ${number} frames`);
    if (number % RESTART_EVERY === 0) siege.checkStorage(`after ${number} frames`);
    if (number % 20_000 === 0) options.progress(`${number} frames in process`);
    if (siege.failures.length >= MOST_FAILURES) break;
  }
  siege.checkStorage("at the end");
  siege.checkGoodWill();
  return { figures: siege.figures(), failures: siege.failures };
}

const STATE_EVERY = 500;
const RESTART_EVERY = 5_000;
const MOST_FAILURES = 10;
const UNLIMITED = 1_000_000_000;
/** Nothing that a client is told may come from inside: stacks, files, SQL, an error's own words. */
const INTERNALS = /\n\s*at |file:|node:|\.(ts|js|mjs):\d|SQLITE|holdfast_|always throws|no trace/;

class Siege {
  readonly failures: string[] = [];
  readonly #random: Random;
  readonly #prototypes = prototypesFingerprint();
  readonly #instance: LocalInstance;
  readonly #initial: string;
  #witness: LocalConnection;
  #attacker: LocalConnection | undefined;
  #client = "";
  #nextSeq = 1;
  #clients = 0;
  #closed = 0;
  #answered = 0;
  #ignored = 0;
  #restarts = 0;
  #last: Frame = "";

  constructor(options: ProofOptions) {
    this.#random = new Random(options.seed);
    this.#instance = new LocalInstance({
      module: target,
      sql: openNodeSqlite(":memory:"),
      limits: {
        // Rates would answer `busy` before most frames are looked at.
        ratePerSecond: UNLIMITED,
        rateBurst: UNLIMITED,
        socketsPerPrincipal: UNLIMITED,
      },
    });
    this.#witness = this.#join("witness");
    this.#write(1);
    this.#initial = this.#state();
  }

  attack(): void {
    const attacker = (this.#attacker ??= this.#disguised());
    const frame = hostileTraffic(this.#random, {
      client: this.#client,
      nextSeq: this.#nextSeq,
    });
    this.#last = frame;
    try {
      this.#instance.host.receive(attacker, frame);
    } catch (error) {
      this.#fail(`the host threw ${String(error)}`);
    }
    this.#judge(attacker);
    if (attacker.closed !== undefined) {
      this.#closed++;
      this.#instance.host.disconnect(attacker);
      this.#attacker = undefined;
    }
  }

  /** Memory as a newcomer is shown it, and prototypes. */
  checkState(moment: string): void {
    if (this.#state() !== this.#initial) this.#fail(`${moment}: the state has changed`);
    if (prototypesFingerprint() !== this.#prototypes) {
      this.#fail(`${moment}: a prototype has changed`);
    }
  }

  /** The same after everything in memory is forgotten. */
  checkStorage(moment: string): void {
    this.checkState(moment);
    this.#instance.restart();
    this.#restarts++;
    this.#witness = this.#join("witness");
    this.#attacker = undefined;
    this.checkState(`${moment}, restored`);
  }

  /** Whoever behaves is served as if nothing had happened. */
  checkGoodWill(): void {
    try {
      this.#write(2);
    } catch (error) {
      this.#fail(`afterwards a good client was not served: ${String(error)}`);
    }
  }

  figures(): Record<string, number> {
    return {
      "frames answered": this.#answered,
      "frames closed upon": this.#closed,
      "frames ignored": this.#ignored,
      restarts: this.#restarts,
    };
  }

  #judge(attacker: LocalConnection): void {
    const { frames, closed } = attacker;
    if (closed === undefined) {
      if (frames.length > 0) this.#answered++;
      else this.#ignored++;
    }
    try {
      for (const message of attacker.take()) this.#judgeAnswer(message);
    } catch (error) {
      this.#fail(`an answer is not of the protocol: ${String(error)}`);
    }
    if (closed !== undefined) {
      const known: readonly number[] = Object.values(CloseCode);
      if (!known.includes(closed.code)) this.#fail(`it was closed with ${closed.code}`);
    }
    if (this.#witness.frames.length > 0 || this.#witness.closed !== undefined) {
      this.#fail(`somebody else was told ${this.#witness.frames.join().slice(0, 300)}`);
      this.#witness.frames.length = 0;
    }
    const { aborts, reports } = this.#instance;
    if (aborts.length > 0) this.#fail(`the instance aborted: ${aborts.splice(0).join()}`);
    for (const report of reports.splice(0)) {
      // The target's own errors are the operator's to see.
      if (!/always throws|leaves no trace/.test(report)) this.#fail(`it was reported: ${report}`);
    }
  }

  #judgeAnswer(message: ServerMessage): void {
    // What the attacker's own action was answered with counts as used up.
    if (message.type === "ack" || message.type === "reject") {
      if (message.client === this.#client) this.#nextSeq = Math.max(this.#nextSeq, message.seq + 1);
    }
    if (message.type === "commit") this.#fail("a commit was made");
    if (message.type !== "error" && message.type !== "reject") return;
    const { code, message: text } = message.error;
    if (!Object.hasOwn(ERROR_CODES, code)) this.#fail(`the error code ${code} is unknown`);
    if (text.length > 1_000 || INTERNALS.test(text)) this.#fail(`an error says ${text}`);
  }

  /** One in five has not said hello yet. */
  #disguised(): LocalConnection {
    this.#client = `attacker-${String(++this.#clients).padStart(13, "0")}`;
    this.#nextSeq = 1;
    if (this.#random.chance(0.2)) return this.#instance.connect("attacker");
    const connection = this.#instance.connect("attacker");
    this.#instance.say(connection, hello(this.#client));
    connection.take();
    return connection;
  }

  #join(principal: string): LocalConnection {
    const connection = this.#instance.connect(principal);
    this.#instance.say(connection, hello(`${principal}-client`.padEnd(22, "-")));
    connection.take();
    return connection;
  }

  #state(): string {
    const connection = this.#instance.connect("newcomer");
    this.#instance.say(connection, hello("newcomer".padEnd(22, "-")));
    const [snapshot] = connection.take();
    this.#instance.host.disconnect(connection);
    if (snapshot?.type !== "snapshot") throw new Error("a newcomer was not given a snapshot");
    return `${snapshot.version} ${canonicalEncode(snapshot.state)}`;
  }

  #write(seq: number): void {
    const client = "witness-client".padEnd(22, "-");
    this.#instance.say(this.#witness, {
      type: "action",
      client,
      seq,
      settled: seq - 1,
      name: WRITE,
    });
    const told = this.#witness.take();
    const [commit, ack] = told;
    const right =
      told.length === 2 &&
      commit?.type === "commit" &&
      ack?.type === "ack" &&
      ack.seq === seq &&
      ack.result === seq;
    if (!right) throw new Error(`the answer was ${JSON.stringify(told)}`);
  }

  #fail(what: string): void {
    const frame = typeof this.#last === "string" ? this.#last : "(binary)";
    this.failures.push(`${what}; frame ${JSON.stringify(frame.slice(0, 400))}`);
  }
}

function hello(client: string): HelloMessage {
  return { type: "hello", protocol: PROTOCOL_VERSION, clients: [{ id: client, settled: 0 }] };
}
