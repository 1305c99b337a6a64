import { HoldfastError, type Path, type StreamStatus, type StreamValue } from "@holdfast/protocol";
import type { Stream } from "../../module/stream.ts";
import { changeStream, type StreamChange } from "./stream-change.ts";
import { noStream } from "./stream-errors.ts";
import { type WritableStream, writableStreamAt, writeStream } from "./stream-place.ts";

/** What is known of streams beyond the state. */
export interface StreamNews {
  /** The value with all that has come of it, stored or not. */
  latest(value: StreamValue): StreamValue;
  newId(): string;
}

/** A stream as a synchronous action writes to it: state like any other. */
export class StateStream implements Stream {
  readonly #state: object;
  readonly #path: Path;
  readonly #news: StreamNews;

  /** @throws HoldfastError `DEFINITION_INVALID` where there is no stream */
  constructor(state: object, path: Path, news: StreamNews) {
    this.#state = state;
    this.#path = path;
    this.#news = news;
    this.#place();
  }

  get text(): string {
    return this.#value().text;
  }

  get status(): StreamStatus {
    return this.#value().status;
  }

  get error(): string | null {
    return this.#value().error;
  }

  get signal(): AbortSignal {
    throw new HoldfastError(
      "DEFINITION_INVALID",
      "The signal of a stream was asked for in a synchronous action, which is over before anybody could end the stream. Make the action async.",
    );
  }

  append(text: string): void {
    this.#change({ type: "append", text });
  }

  set(text: string): void {
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

  #change(change: StreamChange): void {
    writeStream(
      this.#place(),
      changeStream(this.#value(), change, () => this.#news.newId()),
    );
  }

  #value(): StreamValue {
    const { id, status, text, error } = this.#place();
    return this.#news.latest({ id, status, text, error });
  }

  #place(): WritableStream {
    const place = writableStreamAt(this.#state, this.#path);
    if (!place) throw noStream(this.#path);
    return place;
  }
}
