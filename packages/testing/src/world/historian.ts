import {
  encodeMessage,
  FrameAssembler,
  joinFrame,
  type Limits,
  PROTOCOL_VERSION,
  type ServerMessage,
} from "@holdfast/protocol";
import type { Clock } from "@holdfast/server/internal/testing/app/clock";
import type { Disk } from "./disk.ts";
import type { Board } from "./edits.ts";
import type { Link } from "./link.ts";
import type { Version } from "./server-history.ts";
import type { Script } from "./step.ts";
import type { Actor } from "./server-actor.ts";
import type { Server } from "./server.ts";

/** What he reaches of the world. */
export interface HistorianSurroundings {
  readonly server: Server<Actor>;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly limits: Limits;
  addLink(principal: string): Link;
  breach(what: string): void;
}

/** How all of his client ids begin. */
export const HISTORIAN = "historian";

const CLIENT_ID_LENGTH = 22;

/** An answer: the whole message, as a text, and the number of ticks that it tells. */
interface Told {
  readonly text: string;
  readonly ticks: number;
}

/**
 * Somebody with a client of his own making, who comes and goes: he does not wait for an answer before
 * he sends the next frame, and reports his answers as late as he may, so that they are kept. What
 * the journal does only now and then it does for him. At the very end he comes back and asks for all
 * that he has not reported.
 */
export class Historian {
  readonly #world: HistorianSurroundings;
  /** What he was told, by sequence. */
  readonly #answers = new Map<number, Told>();
  /** How many ticks there were before his first sequence. */
  #ticksBefore = 0;
  #lives = 0;
  #seq = 0;
  #settled = 0;
  #link: Link | undefined;

  constructor(world: HistorianSurroundings) {
    this.#world = world;
  }

  get #client(): string {
    return `${HISTORIAN}-${this.#lives}`.padEnd(CLIENT_ID_LENGTH, "-");
  }

  /** What happened before anybody came. */
  live({ frames, commitsPerFrame }: Script["past"]): void {
    for (let frame = 0; frame < frames; frame++) {
      this.#act(Math.min(commitsPerFrame, this.#world.limits.openSequences));
      this.#world.clock.now += 10_000;
    }
    this.#leave();
  }

  /** Comes by, acts in so many frames, and goes. */
  visit(frames: number): void {
    if (!this.#world.server.isReachable || this.#world.disk.isFaulty) return;
    for (let frame = 0; frame < frames; frame++) {
      this.#act(1);
      this.#world.clock.now += 100;
    }
    this.#leave();
  }

  /** The disk goes back: what he was told since is not true any more, and he begins anew. */
  goBack(head: Version): void {
    this.#answers.clear();
    this.#lives++;
    this.#seq = this.#settled = 0;
    // The state of the world's only module.
    this.#ticksBefore = (head.state as unknown as Board).ticks;
  }

  /**
   * Every answer that he has not reported is still there, as it was; and each of his actions was done
   * once, in order, none left out: the ticks tell their number.
   */
  comeBack({ ticks }: Board): void {
    const stored = new Map<number, Told>();
    if (this.#seq > 0) {
      for (const message of this.#connect()) this.#note(message, stored);
      this.#leave();
    }
    // What changed nothing is kept in memory, until a row takes it along.
    const lastTick = [...this.#answers.keys()].findLast(isTick) ?? 0;
    for (const [seq, { text }] of this.#answers) {
      if (seq > lastTick) break;
      const found = stored.get(seq)?.text;
      if (seq > this.#settled && found !== text)
        this.#breach(`[G2] The stored answer to ${seq} is ${found}, not ${text}`);
    }
    const told = new Map([...this.#answers, ...stored]);
    let count = this.#ticksBefore;
    let missing: number | undefined;
    for (let seq = 1; seq <= this.#seq; seq++) {
      const answer = told.get(seq);
      if (!answer) {
        missing ??= seq;
        continue;
      }
      if (missing) this.#breach(`[G3] His ${seq} was done, and ${missing} was not`);
      if (isTick(seq)) count++;
      if (answer.ticks !== count) {
        this.#breach(`[G2] [G3] His ${seq} was told ${answer.ticks} ticks, and ${count} are right`);
      }
    }
    if (ticks !== count) this.#breach(`[G2] There are ${ticks} ticks, and ${count} were told`);
  }

  #act(count: number): void {
    const { limits } = this.#world;
    if (!this.#link) for (const message of this.#connect()) this.#note(message, this.#answers);
    if (!this.#link) return;
    const texts: string[] = [];
    for (let left = count; left > 0; left--) {
      const seq = ++this.#seq;
      while (this.#settled < seq - limits.openSequences && this.#answers.has(this.#settled + 1))
        this.#settled++;
      const name = isTick(seq) ? "tick" : "look";
      const order = { client: this.#client, seq, settled: this.#settled, name };
      texts.push(encodeMessage({ type: "action", ...order }));
    }
    for (const message of this.#say(this.#link, texts)) {
      // What nothing was decided about he tries another time.
      if (message.type === "busy" || message.type === "gap")
        this.#seq = Math.min(this.#seq, message.seq - 1);
      this.#note(message, this.#answers);
    }
  }

  #note(message: ServerMessage, answers: Map<number, Told>): void {
    if (message.type === "reject")
      this.#breach(`His ${message.seq} is refused: ${message.error.message}`);
    if (message.type !== "ack" || message.client !== this.#client) return;
    answers.set(message.seq, { text: encodeMessage(message), ticks: Number(message.result) });
  }

  #breach(what: string): void {
    this.#world.breach(what);
  }

  #leave(): void {
    if (!this.#link) return;
    this.#world.server.receive(this.#link, { type: "close", code: 1000, reason: "", notBefore: 0 });
    this.#link = undefined;
  }

  /** Opens his link, and returns what `hello` is answered with. */
  #connect(): ServerMessage[] {
    const link = (this.#link = this.#world.addLink(HISTORIAN));
    this.#world.server.receive(link, { type: "connect" });
    const clients = [{ id: this.#client, settled: this.#settled }];
    const hello = encodeMessage({ type: "hello", protocol: PROTOCOL_VERSION, clients });
    return this.#say(link, [hello]);
  }

  /** Sends a frame, and takes what comes back at once; what waits comes when that is seen. */
  #say(link: Link, texts: readonly string[]): ServerMessage[] {
    const { server, clock, limits } = this.#world;
    const assembler = new FrameAssembler(limits);
    const messages: ServerMessage[] = [];
    let frame = joinFrame(texts);
    for (;;) {
      server.receive(link, { type: "frame", text: frame });
      server.flushAll();
      let read = 0;
      while (link.downReady(clock.now)) {
        const item = link.takeDown();
        if (item.type !== "frame") continue;
        messages.push(...assembler.receive(item.text));
        read += item.text.length;
      }
      if (read === 0) return messages;
      frame = encodeMessage({ type: "seen", read });
    }
  }
}

/** Every third action of his changes nothing, and its answer rides in the row of another. */
export function isTick(seq: number): boolean {
  return seq % 3 !== 0;
}
