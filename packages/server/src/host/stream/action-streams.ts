import {
  encodeValue,
  type HoldfastError,
  type Path,
  type StreamStatus,
  type StreamValue,
} from "@holdfast/protocol";
import type { Stream, StreamPath, StreamSource } from "../../module/stream.ts";
import type { LiveStream } from "./live-stream.ts";
import type { StreamChange } from "./stream-change.ts";
import { actionOver } from "./stream-errors.ts";
import { pathOfStream } from "./stream-place.ts";
import type { StreamAction, StreamOwner } from "./stream-owner.ts";
import type { Streams } from "./streams.ts";

/** The streams that one asynchronous action writes to. */
export class ActionStreams implements StreamSource {
  readonly #streams: Streams;
  readonly #action: StreamAction;
  readonly #now: () => number;
  readonly #opened = new Map<string, ActionStream>();
  #lastText = Number.NEGATIVE_INFINITY;

  constructor(streams: Streams, action: StreamAction, now: () => number) {
    this.#streams = streams;
    this.#action = action;
    this.#now = now;
  }

  /** When text came last: an action whose stream goes on is not given up. */
  get lastText(): number {
    return this.#lastText;
  }

  /** Something of what it wrote is not durable yet. */
  get isUnstored(): boolean {
    return [...this.#opened.values()].some(({ isUnstored }) => isUnstored);
  }

  /** The same one each time: an action whose stream was taken away does not get it back. */
  openStream(path: StreamPath): Stream {
    const place = pathOfStream(path);
    const name = encodeValue(place);
    let stream = this.#opened.get(name);
    if (!stream) {
      stream = new ActionStream(place, this.#streams, this.#action, () => {
        this.#lastText = this.#now();
      });
      this.#opened.set(name, stream);
    }
    return stream;
  }

  /** The action has returned, or `failure` says why it has not: so have its streams. */
  end(failure: string | undefined): void {
    for (const stream of this.#opened.values()) stream.end(failure);
    this.#streams.settle();
    // One that has returned waits until its text is stored.
    if (failure === undefined || this.#action.isPublished()) return;
    // Storage took nothing of it: the action may be run again, and write it all again.
    for (const stream of this.#opened.values()) stream.drop();
  }
}

/** One stream, as one asynchronous action writes to it. */
class ActionStream implements Stream, StreamOwner {
  readonly action: StreamAction;
  readonly #path: Path;
  readonly #streams: Streams;
  readonly #onText: () => void;
  readonly #controller = new AbortController();
  #live: LiveStream | undefined;
  /** What was stored when it wrote last. */
  #storedBefore: StreamValue | undefined;
  #cut: HoldfastError | undefined;

  constructor(path: Path, streams: Streams, action: StreamAction, onText: () => void) {
    this.action = action;
    this.#path = path;
    this.#streams = streams;
    this.#onText = onText;
    // So that a wrong path is told where it is written.
    this.#look(() => streams.read(path));
  }

  get text(): string {
    return this.#value.text;
  }

  get status(): StreamStatus {
    return this.#value.status;
  }

  get error(): string | null {
    return this.#value.error;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  append(text: string): void {
    this.#onText();
    this.#change({ type: "append", text });
  }

  set(text: string): void {
    this.#onText();
    this.#change({ type: "set", text });
  }

  complete(): void {
    this.#change({ type: "complete" });
  }

  fail(error: string): void {
    this.#change({ type: "fail", error });
  }

  reset(): void {
    this.#change({ type: "reset" });
  }

  cut(error: HoldfastError): void {
    this.#cut ??= error;
    this.#controller.abort(this.#cut);
  }

  /** The action is over. */
  end(failure: string | undefined): void {
    if (this.#cut) return;
    if (this.#streams.ownedBy(this)) {
      this.#change(failure === undefined ? { type: "complete" } : { type: "fail", error: failure });
    }
    this.cut(actionOver());
  }

  /** What it wrote is not to be stored. If somebody else has gone on with it, it never will be. */
  drop(): void {
    if (this.isUnstored && this.#live?.action === this.action) this.#streams.drop(this.#live);
  }

  /** Neither what it wrote is stored, nor what somebody else has put in its place. */
  get isUnstored(): boolean {
    return this.#live?.dirtySince !== undefined && this.#live.stored === this.#storedBefore;
  }

  #change(change: StreamChange): void {
    if (this.#cut) throw this.#cut;
    this.#look(() => {
      this.#live = this.#streams.change(this.#place, this, change);
      this.#storedBefore = this.#live.stored;
    });
  }

  get #value(): StreamValue {
    const own = this.#streams.ownedBy(this);
    return own ? own.value : this.#look(() => this.#streams.read(this.#place));
  }

  /**
   * Streams look at what is committed, which takes the action's own writes out of the tree. It may be
   * in the middle of going through that tree: they are put back at once.
   */
  #look<Result>(work: () => Result): Result {
    try {
      return work();
    } finally {
      this.action.resume();
    }
  }

  get #place(): Path | LiveStream {
    return this.#live ?? this.#path;
  }
}
