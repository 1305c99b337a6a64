import { HoldfastError, type Limits, OutgoingFrame } from "@holdfast/protocol";
import type { Connection } from "./connection.ts";
import type { Recap, Stretch } from "./recap.ts";
import type { Platform } from "./platform.ts";

/** A reader that has taken nothing for so long, while something waits for it, is cut off. */
const STALL_MS = 20_000;

/** What one connection is told beside commits: answers, and replies. */
export interface Told {
  /** It stands behind the commit of this version. */
  readonly after: number;
  readonly text: string;
}

/** What flows need. */
export interface FlowParts {
  readonly limits: Limits;
  readonly platform: Platform;
  readonly recap: Recap;
  /** The flow holds a frame that is larger than one may be, until it is read. */
  readonly onHolding: () => void;
  /** It cannot go on: the connection is to be closed. */
  readonly onStalled: (connection: Connection, error: HoldfastError) => void;
}

/**
 * What one connection is sent, at the pace at which it reads. The platform queues whatever it is
 * handed and tells nobody how much that is, so no more than `unseenBytes` are handed over that the
 * reader has not said to have read. What comes on top of that waits: the frame that was begun, and
 * then no commits, but the version from which the journal has them.
 *
 *   (nothing) ──greet──▶ level ──no room──▶ behind ──seen, until nothing waits──▶ level
 *                                             ╰── 20 s without seen, or too far behind ──▶ cut off
 */
export class Flow {
  readonly #connection: Connection;
  readonly #parts: FlowParts;
  /** Characters handed over that the reader has not said to have read. */
  #unseen = 0;
  /** Everything up to this version was handed over, or is in `#frames`; `undefined` before `hello`. */
  #given: number | undefined;
  /** What is to be sent before any other commit; the first of them may have been begun. */
  #frames: OutgoingFrame[] = [];
  #nextChunk = 0;
  #chunk: string | undefined;
  #told: Told[] = [];
  /** Of `#told`, what came while it was behind. */
  #toldCharacters = 0;
  #isBehind = false;
  #hasMoved = false;
  #stopClock: () => void = () => {};

  constructor(connection: Connection, parts: FlowParts) {
    this.#connection = connection;
    this.#parts = parts;
  }

  /** It has said `hello`, and was answered. */
  get isGreeted(): boolean {
    return this.#given !== undefined;
  }

  /** The texts of large frames that it keeps in memory until they are read. */
  get held(): readonly string[] {
    return this.#frames.flatMap(({ whole, texts }) => (whole === undefined ? texts : []));
  }

  /** It has what was committed up to `version`: it was greeted before a hibernation. */
  resume(version: number): void {
    this.#given = version;
    this.#pump();
  }

  /**
   * Begins with a state, or commits, that bring the reader to `version`; what waited is dropped.
   *
   * @param told what is to be told on the way: none of it may overtake its commit
   */
  greet(text: string, version: number, told: readonly Told[]): void {
    // What was begun has to be ended: nothing stands between two chunks. A first chunk that found no
    // room goes with its frame.
    const isBegun = this.#nextChunk > 0;
    this.#frames.length = isBegun ? 1 : 0;
    if (!isBegun) this.#chunk = undefined;
    this.#given = version;
    this.#told = told.toSorted((one, other) => one.after - other.after);
    this.#toldCharacters = 0;
    this.#hold([text, ...this.#tellable(version).map((one) => one.text)]);
    this.#pump();
  }

  /**
   * Tells what has just happened, or has it wait.
   *
   * @param share gives those who are told the same one frame
   */
  tell(
    stretch: Stretch,
    told: readonly Told[] | undefined,
    share: (texts: readonly string[]) => OutgoingFrame,
  ): void {
    if (this.#given === undefined) return;
    if (!this.#isBehind && this.#given === stretch.from) {
      const frame = told ? this.#frameOf(merge(stretch, told)) : share(stretch.texts);
      const { whole } = frame;
      if (whole === undefined) {
        this.#frames.push(frame);
        this.#given = stretch.to;
        this.#parts.onHolding();
        this.#pump();
        return;
      }
      if (this.#fits(whole)) {
        this.#send(whole);
        this.#given = stretch.to;
        return;
      }
    }
    this.#tellLater(told);
    if (!this.#isBehind) this.#pump();
  }

  /**
   * Hands over a frame that is no loss, if the reader is level and there is room: it is never kept.
   *
   * @returns whether it was handed over
   */
  offer(frame: string): boolean {
    const isLevel = !this.#isBehind && this.#given === this.#parts.recap.version;
    if (!isLevel || !(this.#fits(frame) || this.#mayHaveReadAll)) return false;
    this.#send(frame);
    return true;
  }

  /** The reader has read so many characters more. */
  seen(read: number): void {
    this.#unseen = Math.max(0, this.#unseen - read);
    if (!this.#isBehind) return;
    this.#hasMoved = true;
    this.#pump();
  }

  /** The connection is gone, or about to be. */
  end(): void {
    this.#stopClock();
    this.#stopClock = () => {};
    this.#given = undefined;
    this.#frames = [];
    this.#told = [];
  }

  #tellLater(told: readonly Told[] | undefined): void {
    if (!told) return;
    for (const one of told) {
      this.#told.push(one);
      this.#toldCharacters += one.text.length;
    }
    if (this.#toldCharacters > this.#parts.limits.unseenBytes) this.#stalled();
  }

  /** Sends what waits, as far as there is room. */
  #pump(): void {
    while (this.#given !== undefined) {
      const [frame] = this.#frames;
      if (frame) {
        if (!this.#sendFrame(frame)) return this.#fallBehind();
        this.#frames.shift();
        continue;
      }
      const stretch = this.#stretchAfter(this.#given);
      if (!stretch) return this.#stalled();
      this.#given = stretch.to;
      const told = this.#tellable(stretch.to);
      if (stretch.texts.length + told.length === 0) return this.#catchUp();
      this.#hold(merge(stretch, told));
    }
  }

  #stretchAfter(version: number): Stretch | undefined {
    const { recap } = this.#parts;
    if (version < recap.version) return recap.after(this.#connection, version);
    return { from: version, to: version, texts: [] };
  }

  /** Takes what stands behind commits up to `version`. */
  #tellable(version: number): Told[] {
    const later = this.#told.findIndex(({ after }) => after > version);
    return this.#told.splice(0, later < 0 ? this.#told.length : later);
  }

  #hold(texts: readonly string[]): void {
    const frame = this.#frameOf(texts);
    this.#frames.push(frame);
    if (frame.whole === undefined) this.#parts.onHolding();
  }

  #frameOf(texts: readonly string[]): OutgoingFrame {
    return new OutgoingFrame(texts, this.#parts.limits);
  }

  /** True when all of it was handed over. */
  #sendFrame(frame: OutgoingFrame): boolean {
    if (this.#nextChunk === 0 && frame.whole !== undefined && this.#fits(frame.whole)) {
      this.#send(frame.whole);
      this.#chunk = undefined;
      return true;
    }
    for (; this.#nextChunk < frame.chunks; this.#nextChunk++) {
      const chunk = (this.#chunk ??= frame.chunk(this.#nextChunk));
      if (!this.#fits(chunk) && !this.#mayHaveReadAll) return false;
      this.#send(chunk);
      this.#chunk = undefined;
    }
    this.#nextChunk = 0;
    return true;
  }

  #fits(text: string): boolean {
    return this.#unseen + text.length <= this.#parts.limits.unseenBytes;
  }

  /** With less than this unseen, it says that it has read all only with what comes next. */
  get #mayHaveReadAll(): boolean {
    return this.#unseen < this.#parts.limits.seenEveryBytes;
  }

  /** Characters, not bytes: near enough for a bound, and free. */
  #send(text: string): void {
    this.#unseen += text.length;
    this.#connection.send(text);
  }

  #fallBehind(): void {
    if (this.#isBehind) return;
    this.#isBehind = true;
    // Should memory be lost now, what waits would be lost with it.
    this.#connection.remember({ ...this.#connection.meta, behind: true });
    this.#watch();
  }

  #catchUp(): void {
    if (!this.#isBehind) return;
    this.#isBehind = false;
    this.#toldCharacters = 0;
    this.#stopClock();
    const { behind: _, ...meta } = this.#connection.meta;
    this.#connection.remember(meta);
  }

  /** It keeps the instance in memory, so it ends: with the reader level, or cut off. */
  #watch(): void {
    this.#hasMoved = false;
    this.#stopClock = this.#parts.platform.after(STALL_MS, () => {
      if (this.#hasMoved) this.#watch();
      else this.#stalled();
    });
  }

  #stalled(): void {
    this.#parts.onStalled(this.#connection, tooSlow(this.#parts.limits));
  }
}

/** The commits with what is told behind each of them; behind a snapshot stands all of it. */
function merge({ from, to, texts }: Stretch, told: readonly Told[]): string[] {
  if (texts.length !== to - from) return [...texts, ...told.map(({ text }) => text)];
  const merged: string[] = [];
  let next = 0;
  for (let version = from; version <= to; version++) {
    for (; next < told.length; next++) {
      // True because `next` is below the length.
      const { after, text } = told[next] as Told;
      if (after > version && version < to) break;
      merged.push(text);
    }
    const text = texts[version - from];
    if (text !== undefined) merged.push(text);
  }
  return merged;
}

function tooSlow(limits: Limits): HoldfastError {
  return new HoldfastError(
    "SLOW_READER",
    `More than ${limits.unseenBytes} bytes are unread, and they have been for too long. The connection is too slow for what happens here; connect again to catch up.`,
  );
}
