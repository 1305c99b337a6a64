import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { canonicalEncode, type SnapshotMessage } from "@holdfast/protocol";
import { NodeServe } from "@holdfast/testing/node-serve";
import type { ServerProcess } from "@holdfast/testing/server-process";
import { Workerd } from "@holdfast/testing/workerd";
import { HoldfastSession } from "./holdfast-session.ts";
import { KillOracle } from "./kill-oracle.ts";
import type { Ledger } from "./ledger.ts";
import { Random } from "@holdfast/testing/random";
import { type Edit, plant } from "./plant.ts";
import type { ProofOptions, ProofReport, Target } from "./report.ts";
import { WireClient } from "./wire-client.ts";

/**
 * Pipelined clients against a server on disk, `workerd serve` or Node, killed with SIGKILL at random
 * moments and started again. Nothing that was acknowledged may be lost, doubled or out of order, and every
 * replica that lived through it must equal the server's snapshot.
 *
 * `n` counts the kills. `edits` plants bugs in the server, to see that they are found.
 */
export async function kill(
  options: ProofOptions,
  edits: readonly Edit[] = [],
): Promise<ProofReport> {
  const run = await KillRun.start(options, edits);
  await using _ = run;
  for (let number = 1; number <= options.n; number++) {
    if (!(await run.round(number))) break;
    if (number % 20 === 0) options.progress(`${number} kills, ${run.oracle.acked} acknowledged`);
    // What comes after a failure is a consequence of it.
    if (run.oracle.failures.length > MOST_FAILURES) break;
  }
  // Awaited here: the run is disposed of when this function is left.
  return await run.finish();
}

const path = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** The server that is killed. */
function createServer(target: Target | undefined, edits: readonly Edit[]): Promise<ServerProcess> {
  const plugins = [plant(edits)];
  return target === "node"
    ? NodeServe.create({ entry: path("./kill-node.ts"), plugins })
    : Workerd.create({
        entry: path("./kill-worker.ts"),
        durableObjects: ["ModuleObject"],
        plugins,
      });
}

const MOST_FAILURES = 20;
const PATIENCE_MS = 30_000;

class KillRun implements AsyncDisposable {
  readonly oracle = new KillOracle();
  readonly #server: ServerProcess;
  readonly #session: HoldfastSession;
  readonly #random: Random;
  readonly #senders: Sender[];
  readonly #listeners: WireClient[];
  #kills = 0;
  #afterAck = 0;
  #drops = 0;
  #largest = 0;
  #snapshotBytes = 0;

  static async start(options: ProofOptions, edits: readonly Edit[]): Promise<KillRun> {
    const server = await createServer(options.target, edits);
    await server.start();
    const session = await HoldfastSession.mint(server.url);
    return new KillRun(server, session, new Random(options.seed));
  }

  private constructor(server: ServerProcess, session: HoldfastSession, random: Random) {
    this.#server = server;
    this.#session = session;
    this.#random = random;
    const client = (id: string, window: number, batched: boolean): WireClient =>
      new WireClient({
        id: `${id}${"-".repeat(22 - id.length)}`,
        window,
        batched,
        observer: this.oracle,
        openSocket: () => session.open("ledger"),
      });
    this.#senders = [
      new Sender(client("pipelined-32", 32, false), this.oracle),
      new Sender(client("pipelined-4", 4, false), this.oracle),
      new Sender(client("batched-64", 64, true), this.oracle),
      new Sender(client("batched-8", 8, true), this.oracle),
    ];
    this.#listeners = [client("listener-a", 1, true), client("listener-b", 1, true)];
  }

  /** Send under load, kill, start again, compare. Whether there is sense in going on. */
  async round(number: number): Promise<boolean> {
    // One round in three writes commits up to and beyond the size of a storage row.
    const heavy = number % 3 === 0;
    await this.#connect();
    const traffic = this.#traffic(heavy);
    await this.#killAtARandomMoment();
    traffic.stop();
    await this.#server.kill();
    this.#kills++;
    for (const client of this.#clients) client.disconnect();
    await this.#server.start();
    // Before anything is sent again: what is missing now was lost.
    await this.#judge(`right after kill ${number}`);
    await this.#connect();
    return this.#compare(`after kill ${number}`);
  }

  async finish(): Promise<ProofReport> {
    await this.#connect();
    await this.#compare("at the end");
    const { oracle } = this;
    const passed =
      oracle.failures.length === 0 &&
      oracle.lost + oracle.doubled + oracle.disordered + oracle.diverged === 0;
    return {
      name: "kill",
      passed,
      figures: {
        kills: this.#kills,
        "kills right after an ack": this.#afterAck,
        "sockets dropped by clients": this.#drops,
        acknowledged: oracle.acked,
        refused: oracle.refused,
        "cut off as slow readers": oracle.cutOffs,
        "largest commit (bytes)": this.#largest,
        "snapshot at the end (bytes)": this.#snapshotBytes,
        lost: oracle.lost,
        doubled: oracle.doubled,
        "out of order": oracle.disordered,
        diverged: oracle.diverged,
      },
      failures: oracle.failures.slice(0, MOST_FAILURES),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.disconnect();
    await this.#server[Symbol.asyncDispose]();
  }

  get #clients(): WireClient[] {
    return [...this.#senders.map(({ client }) => client), ...this.#listeners];
  }

  async #connect(): Promise<void> {
    await Promise.all(this.#clients.filter(({ live }) => !live).map((client) => client.connect()));
  }

  /** Keeps every sender's queue filled until it is stopped; now and then a socket breaks as well. */
  #traffic(heavy: boolean): { stop(): void } {
    const random = this.#random.fork();
    const fill = (): void => {
      for (const sender of this.#senders) {
        if (sender.client.live && random.chance(0.003)) this.#drop(sender.client);
        while (sender.client.unanswered < QUEUE) {
          const bytes = heavy && random.chance(0.03) ? this.#largeSize(random) : undefined;
          if (random.chance(0.02)) sender.refuse();
          else sender.mark(bytes);
        }
      }
    };
    fill();
    const timer = setInterval(fill, 1);
    return { stop: () => clearInterval(timer) };
  }

  /** What the socket carried may or may not have arrived. */
  #drop(client: WireClient): void {
    this.#drops++;
    client.connect().catch(() => {
      // The server was killed meanwhile; everybody connects again after that.
    });
  }

  #largeSize(random: Random): number {
    const bytes = random.chance(0.25)
      ? random.between(1_000_000, 1_500_000)
      : random.between(100_000, 600_000);
    this.#largest = Math.max(this.#largest, bytes);
    return bytes;
  }

  /** Half of the kills come inside the event that brought an ack, which is the moment of truth. */
  async #killAtARandomMoment(): Promise<void> {
    if (this.#random.chance(0.5)) {
      await sleep(this.#random.next() * 400);
      this.#server.killNow();
      return;
    }
    const from = this.oracle.acked;
    const answers = this.#random.between(1, 400);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(done, 1000);
      const oracle = this.oracle;
      const server = this.#server;
      oracle.onAck = () => {
        if (oracle.acked - from >= answers) done();
      };
      function done(): void {
        server.killNow();
        clearTimeout(timer);
        oracle.onAck = undefined;
        resolve();
      }
    });
    this.#afterAck++;
  }

  /** The state as the server shows it to a newcomer, held against all that was acknowledged. */
  async #judge(moment: string): Promise<Omit<SnapshotMessage, "type">> {
    const checker = new WireClient({
      id: "checker".padEnd(22, "-"),
      window: 1,
      batched: true,
      observer: this.oracle,
      openSocket: () => this.#session.open("ledger"),
    });
    await checker.connect();
    const snapshot = checker.replica;
    checker.disconnect();
    if (snapshot === undefined) throw new Error("hello was answered without a state");
    // The state is the ledger of kill-worker.ts.
    this.oracle.judge(snapshot.state as unknown as Ledger, snapshot.version, moment);
    return snapshot;
  }

  /** At rest, every replica equals what a newcomer is shown. Whether rest was reached. */
  async #compare(moment: string): Promise<boolean> {
    // What still moves would be found to differ.
    if (!(await this.#atRest(moment))) return false;
    const snapshot = await this.#judge(moment);
    const expected = canonicalEncode(snapshot.state);
    this.#snapshotBytes = expected.length;
    for (const client of this.#clients) {
      const { replica } = client;
      if (replica?.version !== snapshot.version) {
        this.oracle.broken(
          client,
          `${moment} it is at ${replica?.version}, not ${snapshot.version}`,
        );
      } else if (canonicalEncode(replica.state) !== expected) {
        this.oracle.broken(client, `${moment} its replica of version ${snapshot.version} differs`);
      }
    }
    return true;
  }

  /**
   * Every open action was answered and every client has read the last commit; false if nothing moves
   * any more before.
   */
  async #atRest(moment: string): Promise<boolean> {
    const clients = this.#clients;
    let seen = "";
    let deadline = 0;
    for (;;) {
      // A server may cut off a slow reader; it comes back like any client.
      await this.#connect();
      const versions = new Set(clients.map(({ replica }) => replica?.version));
      if (clients.every(({ unanswered }) => unanswered === 0) && versions.size === 1) return true;
      const now = clients.map((one) => `${one.unanswered} at ${one.replica?.version}`).join();
      if (now !== seen) deadline = Date.now() + PATIENCE_MS;
      seen = now;
      if (Date.now() > deadline) break;
      await sleep(2);
    }
    const open = clients.map(
      ({ id, unanswered, replica }) => `${id} ${unanswered} at ${replica?.version}`,
    );
    this.oracle.failures.push(
      `${moment}: not at rest, and nothing has moved for ${PATIENCE_MS} ms: ${open.join(", ")}\n${this.#server.log}`,
    );
    return false;
  }
}

const QUEUE = 96;

/** Numbers a client's actions. */
class Sender {
  readonly client: WireClient;
  readonly #oracle: KillOracle;
  #n = 0;

  constructor(client: WireClient, oracle: KillOracle) {
    this.client = client;
    this.#oracle = oracle;
  }

  mark(bytes: number | undefined): void {
    const n = ++this.#n;
    const payload = { client: this.client.id, n, ...(bytes === undefined ? {} : { bytes }) };
    this.#oracle.sent(this.client, this.client.dispatch("mark", payload), { type: "mark", n });
  }

  refuse(): void {
    const seq = this.client.dispatch("refuse", { client: this.client.id });
    this.#oracle.sent(this.client, seq, { type: "refuse" });
  }
}
