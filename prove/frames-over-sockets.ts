import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { canonicalEncode, PROTOCOL_VERSION } from "@holdfast/protocol";
import { Workerd } from "@holdfast/testing/workerd";
import type { WebSocket } from "ws";
import type { FramesFound } from "./frames-in-process.ts";
import { HoldfastSession } from "./holdfast-session.ts";
import { type Disguise, hostileTraffic } from "./hostile-traffic.ts";
import { Random } from "@holdfast/testing/random";
import type { ProofOptions } from "./report.ts";
import { WRITE } from "./target.ts";
import { WireClient, type WireObserver } from "./wire-client.ts";

/** The same frames over real sockets: what the platform makes of them is part of the server. */
export async function framesOverSockets(options: ProofOptions): Promise<FramesFound> {
  const entry = fileURLToPath(new URL("./frames-worker.ts", import.meta.url));
  await using server = await Workerd.create({ entry, durableObjects: ["ModuleObject"] });
  await server.start();
  const siege = await SocketSiege.begin(server, options);
  await Promise.all(Array.from({ length: ATTACKERS }, () => siege.attacks(options.n / ATTACKERS)));
  await siege.end();
  return { figures: siege.figures(), failures: siege.failures };
}

const ATTACKERS = 8;
const PATIENCE_MS = 10_000;
const MOST_FAILURES = 10;

class SocketSiege {
  readonly failures: string[] = [];
  readonly #server: Workerd;
  readonly #session: HoldfastSession;
  readonly #random: Random;
  readonly #pid: number | undefined;
  readonly #observer: WireObserver;
  readonly #witness: WireClient;
  #told = 0;
  #prototypes = "";
  #initial = "";
  #sent = 0;
  #clients = 0;

  static async begin(server: Workerd, options: ProofOptions): Promise<SocketSiege> {
    const siege = new SocketSiege(server, await HoldfastSession.mint(server.url), options);
    await siege.#witness.connect();
    await siege.#write(1);
    siege.#told = 0;
    siege.#initial = await siege.#state();
    siege.#prototypes = await siege.#fingerprint();
    return siege;
  }

  private constructor(server: Workerd, session: HoldfastSession, options: ProofOptions) {
    this.#server = server;
    this.#session = session;
    this.#pid = server.pid;
    this.#random = new Random(options.seed);
    this.#observer = {
      answered: (_client, seq, answer) => {
        if (answer.type !== "ack" || answer.result !== seq) {
          this.failures.push(`a good client was answered ${JSON.stringify(answer)}`);
        }
      },
      applied: () => {
        this.#told++;
      },
      broken: (client, what) => this.failures.push(`${client.id}: ${what}`),
    };
    this.#witness = this.#goodClient("witness");
  }

  async attacks(count: number): Promise<void> {
    const random = this.#random.fork();
    let attacker: Attacker | undefined;
    for (let n = 0; n < count && this.failures.length < MOST_FAILURES; n++) {
      attacker ??= await this.#attacker(random.chance(0.8));
      const frame = hostileTraffic(random, attacker);
      this.#sent++;
      const outcome = await attacker.attack(frame);
      if (outcome === "closed") attacker = undefined;
      if (outcome === "silent") {
        const text = typeof frame === "string" ? frame.slice(0, 400) : "(binary)";
        this.failures.push(`nothing came back within ${PATIENCE_MS} ms of ${text}`);
      }
    }
    attacker?.leave();
  }

  async end(): Promise<void> {
    if (this.#told > 0) this.failures.push(`a witness was told ${this.#told} commits`);
    if ((await this.#state()) !== this.#initial) this.failures.push("the state has changed");
    if ((await this.#fingerprint()) !== this.#prototypes) this.failures.push("a prototype changed");
    await this.#write(2);
    if (this.#server.pid !== this.#pid) this.failures.push("workerd was started anew");
    for (const line of this.#server.log.split("\n")) {
      if (/invariant|could not be decoded|Uncaught|uncaught|Fatal|exceeded/.test(line)) {
        this.failures.push(`workerd said: ${line}`);
      }
    }
  }

  figures(): Record<string, number> {
    return { "frames over sockets": this.#sent, "sockets that took them": this.#clients };
  }

  async #attacker(greets: boolean): Promise<Attacker> {
    const number = String(++this.#clients).padStart(12, "0");
    const attacker = new Attacker(this.#session.open("target"), number, (text) => {
      if (text.includes('"type":"commit"')) {
        this.failures.push(`an attacker was told ${text.slice(0, 300)}`);
      }
    });
    await attacker.open(greets);
    return attacker;
  }

  #goodClient(name: string): WireClient {
    return new WireClient({
      id: name.padEnd(22, "-"),
      window: 1,
      batched: false,
      openSocket: () => this.#session.open("target"),
      observer: this.#observer,
    });
  }

  async #state(): Promise<string> {
    const newcomer = this.#goodClient("newcomer");
    await newcomer.connect();
    const { replica } = newcomer;
    newcomer.disconnect();
    if (replica === undefined) throw new Error("a newcomer was not given a state");
    return `${replica.version} ${canonicalEncode(replica.state)}`;
  }

  async #fingerprint(): Promise<string> {
    return (await fetch(this.#server.url)).text();
  }

  async #write(expected: number): Promise<void> {
    const seq = this.#witness.dispatch(WRITE, null);
    if (seq !== expected) throw new Error(`the witness is at ${seq}, not ${expected}`);
    const deadline = Date.now() + PATIENCE_MS;
    while (this.#witness.unanswered > 0) {
      if (Date.now() > deadline) throw new Error("a good client was not answered");
      await sleep(2);
    }
  }
}

/** A socket that sends what it likes and knows when the server has dealt with it. */
class Attacker implements Disguise {
  readonly client: string;
  nextSeq = 1;
  readonly #probe: string;
  readonly #socket: WebSocket;
  #probes = 0;
  #answered = 0;
  #closed = false;
  #wake: () => void = () => undefined;

  constructor(socket: WebSocket, number: string, onFrame: (text: string) => void) {
    this.#socket = socket;
    this.client = `attacker--${number}`;
    this.#probe = `the-probe-${number}`;
    socket.on("close", () => {
      this.#closed = true;
      this.#wake();
    });
    // A close follows.
    socket.on("error", () => undefined);
    socket.on("message", (data) => {
      onFrame(String(data));
      this.#hear(String(data));
    });
  }

  async open(greets: boolean): Promise<void> {
    await new Promise((resolve, reject) => {
      this.#socket.once("open", resolve);
      this.#socket.once("close", (code) => reject(new Error(`no socket: ${code}`)));
    });
    const clients = [this.client, this.#probe].map((id) => ({ id, settled: 0 }));
    if (!greets) return;
    this.#socket.send(JSON.stringify({ type: "hello", protocol: PROTOCOL_VERSION, clients }));
  }

  /** Frames of one socket are handled in order, so an answer to what is sent behind one tells. */
  async attack(frame: string | ArrayBuffer): Promise<"answered" | "closed" | "silent"> {
    const seq = ++this.#probes;
    const settled = seq - 1;
    this.#socket.send(frame);
    this.#socket.send(
      JSON.stringify({ type: "action", client: this.#probe, seq, settled, name: "read" }),
    );
    const deadline = Date.now() + PATIENCE_MS;
    while (!this.#closed && this.#answered < seq && Date.now() < deadline) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, PATIENCE_MS).unref();
      });
    }
    if (this.#closed) return "closed";
    return this.#answered >= seq ? "answered" : "silent";
  }

  leave(): void {
    this.#socket.terminate();
  }

  #hear(text: string): void {
    for (const [, client, seq] of text.matchAll(/"client":"([^"]*)","seq":(\d+)/g)) {
      if (client === this.client) this.nextSeq = Number(seq) + 1;
      if (client === this.#probe) this.#answered = Number(seq);
    }
    this.#wake();
  }
}
