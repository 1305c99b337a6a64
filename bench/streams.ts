import { once } from "node:events";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { applyPatches, decodeServerFrame, type StreamValue, type Value } from "@holdfast/protocol";
import { emptyStream } from "@holdfast/server";
import { WebSocket } from "ws";
import { atMostTimes, type BenchOptions, type Figure } from "./figure.ts";
import { type ActingLink, type HoldfastSubject, startHoldfast } from "./holdfast-subject.ts";
import { startL } from "./l-subject.ts";
import { interleave, type Measured, roundsNote } from "./rounds.ts";
import type { Subject } from "./subject.ts";

const READERS = 50;
const PER_SECOND = 1_000;
/** Two seconds of them. */
const TOKENS = 2_000;
/** About as long as a model's tokens are. */
const TOKEN = " word";
/** L is given one frame for each, with nothing but the token in it, and writes a row. */
const FRAME_OF_L = JSON.stringify({ text: TOKEN });
const WHOLE_OF_L = FRAME_OF_L.length * TOKENS;
const WARM_UPS = 2;
const PER_THOUSAND = 1_000 / TOKENS;

/** A text that comes at 1,000 tokens a second and is read by 50: bytes, rows and CPU for 1,000 tokens. */
export async function streams(options: BenchOptions): Promise<Figure[]> {
  await using l = await startL();
  const figures = await counted(l);
  options.progress("bytes and rows of a stream: counted");
  return [...figures, await cpu(l, options)];
}

/** What can be counted is the same in every round. */
async function counted(l: Subject): Promise<Figure[]> {
  await using ours = await startHoldfast({ text: { COUNT_SQL: "1" } });
  const room = await Room.open(ours);
  const roomOfL = await RoomOfL.open(l);
  await room.tell();
  await ours.sqlCounts();
  const told = await room.tell();
  const { rowsWritten, boundBytes } = await ours.sqlCounts();
  const bytesOfL = await roomOfL.tell();
  for (const one of [room, roomOfL]) one.close();
  const text = TOKENS * TOKEN.length * PER_THOUSAND;
  return [
    atMostTimes(1, {
      name: `bytes to each of ${READERS} readers, 1,000 tokens`,
      ours: told.bytes * PER_THOUSAND,
      reference: bytesOfL * PER_THOUSAND,
      referenceName: "L",
      unit: "bytes",
      note: `the text itself: ${text} bytes; ${Math.round(told.frames * PER_THOUSAND)} frames`,
    }),
    atMostTimes(0.05, {
      name: "rows written, 1,000 tokens",
      ours: rowsWritten * PER_THOUSAND,
      reference: 1_000,
      referenceName: "L",
      unit: "rows",
    }),
    {
      name: "bytes given to SQL, 1,000 tokens",
      ours: boundBytes * PER_THOUSAND,
      reference: FRAME_OF_L.length * 1_000,
      referenceName: "L",
      unit: "bytes",
    },
  ];
}

async function cpu(l: Subject, options: BenchOptions): Promise<Figure> {
  await using ours = await startHoldfast();
  const room = await Room.open(ours);
  const roomOfL = await RoomOfL.open(l);
  const measure = async (subject: Subject, tell: () => Promise<unknown>): Promise<Measured> => {
    const before = subject.server.figures().cpuMs;
    await tell();
    return { cpu: (subject.server.figures().cpuMs - before) * PER_THOUSAND };
  };
  const reference = (): Promise<Measured> => measure(l, () => roomOfL.tell());
  const measureOurs = (): Promise<Measured> => measure(ours, () => room.tell());
  for (let n = 0; n < WARM_UPS; n++) {
    // oxlint-disable-next-line no-await-in-loop -- The two must not run at the same time.
    await reference();
    // oxlint-disable-next-line no-await-in-loop
    await measureOurs();
  }
  const comparison = await interleave({
    rounds: options.rounds,
    steadyBy: "cpu",
    reference,
    ours: measureOurs,
  });
  for (const one of [room, roomOfL]) one.close();
  const note = roundsNote(comparison);
  options.progress(`CPU of a stream: ${note || "steady"}`);
  return atMostTimes(1, {
    name: `CPU, 1,000 tokens to ${READERS} readers`,
    ours: comparison.ours["cpu"] ?? NaN,
    reference: comparison.reference["cpu"] ?? NaN,
    ratio: comparison.ratio["cpu"] ?? NaN,
    referenceName: "L",
    unit: "ms",
    note,
  });
}

/** What each reader was sent of one text. */
interface Told {
  readonly bytes: number;
  readonly frames: number;
}

/** Readers of a stream, and somebody who has it written. */
class Room {
  readonly #readers: Reader[];
  readonly #writer: ActingLink;

  static async open(ours: HoldfastSubject): Promise<Room> {
    const readers: Reader[] = [];
    for (let n = 0; n < READERS; n++) {
      // oxlint-disable-next-line no-await-in-loop -- Fifty at once would be turned away.
      readers.push(new Reader(await ours.openTalk("talk")));
    }
    return new Room(readers, await ours.openTalk("talk"));
  }

  private constructor(readers: Reader[], writer: ActingLink) {
    this.#readers = readers;
    this.#writer = writer;
  }

  /** @throws Error if anybody is not told all of the text */
  async tell(): Promise<Told> {
    for (const reader of this.#readers) reader.begin();
    await this.#writer.act("tell", { tokens: TOKENS, perSecond: PER_SECOND, token: TOKEN });
    await Promise.all(this.#readers.map((reader) => reader.done()));
    const [told] = this.#readers.map(({ bytes, frames }): Told => ({ bytes, frames }));
    if (!told) throw new Error("nobody reads");
    const wanted = TOKEN.repeat(TOKENS);
    for (const reader of this.#readers) {
      const text = reader.text();
      if (text !== wanted) throw new Error(`a reader has ${text.length} of ${wanted.length}`);
    }
    return told;
  }

  close(): void {
    for (const { link } of this.#readers) link.close();
    this.#writer.close();
  }
}

/** Counts what comes, and looks into it when all of it is there. */
class Reader {
  readonly link: ActingLink;
  #frames: string[] = [];
  #state: Value = { reply: emptyStream() as unknown as Value };
  #end: () => void = () => undefined;
  #ended: Promise<void> = Promise.resolve();

  constructor(link: ActingLink) {
    this.link = link;
    link.onFrame = (text) => {
      this.#frames.push(text);
      if (text.includes('"done"')) this.#end();
    };
  }

  begin(): void {
    this.#ended = new Promise((resolve) => (this.#end = resolve));
  }

  done(): Promise<void> {
    return this.#ended;
  }

  get bytes(): number {
    return this.#frames.reduce((sum, frame) => sum + frame.length, 0);
  }

  get frames(): number {
    return this.#frames.length;
  }

  /** As all commits so far have it. */
  text(): string {
    for (const message of this.#frames.flatMap((frame) => decodeServerFrame(frame))) {
      if (message.type === "commit") this.#state = applyPatches(this.#state, message.patches);
    }
    this.#frames = [];
    // What the module's state is.
    return (this.#state as unknown as { reply: StreamValue }).reply.text;
  }
}

/** The same at L: a frame for each token. */
class RoomOfL {
  readonly #links: readonly WebSocket[];
  readonly #writer: WebSocket;
  readonly #bytes: number[];
  /** Readers that do not have all of it yet. */
  #left = 0;
  #everybody: () => void = () => undefined;

  static async open(l: Subject): Promise<RoomOfL> {
    const url = `${l.server.url.replace("http", "ws")}/socket?key=talk`;
    const links: WebSocket[] = [];
    for (let n = 0; n <= READERS; n++) {
      const link = new WebSocket(url, { perMessageDeflate: false });
      // oxlint-disable-next-line no-await-in-loop -- One after the other, as ours.
      await once(link, "open");
      links.push(link);
    }
    const [writer, ...readers] = links;
    if (!writer) throw new Error("nobody to write");
    return new RoomOfL(readers, writer);
  }

  private constructor(links: readonly WebSocket[], writer: WebSocket) {
    this.#links = links;
    this.#writer = writer;
    this.#bytes = links.map(() => 0);
    for (const [index, link] of links.entries()) {
      link.on("message", (data) => {
        const frame = String(data);
        // Any client has to; ours is measured with it.
        JSON.parse(frame);
        const before = this.#bytes[index] ?? 0;
        const bytes = (this.#bytes[index] = before + frame.length);
        if (before < WHOLE_OF_L && bytes >= WHOLE_OF_L && --this.#left === 0) this.#everybody();
      });
    }
  }

  /** @returns the bytes that each reader was sent */
  async tell(): Promise<number> {
    this.#bytes.fill(0);
    this.#left = this.#links.length;
    const heard = new Promise<void>((resolve) => (this.#everybody = resolve));
    const started = performance.now();
    for (let sent = 0; sent < TOKENS;) {
      // oxlint-disable-next-line no-await-in-loop -- At its pace.
      await sleep(1);
      const due = Math.min(TOKENS, ((performance.now() - started) * PER_SECOND) / 1000);
      for (; sent < Math.floor(due); sent++) this.#writer.send(FRAME_OF_L);
    }
    await heard;
    return WHOLE_OF_L;
  }

  close(): void {
    for (const link of this.#links) link.terminate();
    this.#writer.terminate();
  }
}
