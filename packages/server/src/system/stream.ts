import { HoldfastError, type StreamStatus, type StreamValue } from "@holdfast/protocol";
import type { Stream } from "../module/stream.ts";

/**
 * The first value of a `@field` that is a stream: text that grows while everybody watches. Actions
 * append to it; clients read it with `useStream`.
 *
 * @example
 * class Assistant extends System {
 *   @field reply = stream();
 *   @action() async ask(prompt: string) {
 *     this.reply.reset();
 *     for await (const part of generate(prompt, this.reply.signal)) this.reply.append(part);
 *   }
 * }
 */
export function stream(): Stream {
  return new ReadOnlyStream(() => undefined);
}

/** A stream where no action runs: it is read, and refuses to be written. */
export class ReadOnlyStream implements Stream {
  readonly #value: () => StreamValue | undefined;

  /** @param value as it is committed; `undefined`: before the system has any state */
  constructor(value: () => StreamValue | undefined) {
    this.#value = value;
  }

  get text(): string {
    return this.#value()?.text ?? "";
  }

  get status(): StreamStatus {
    return this.#value()?.status ?? "idle";
  }

  get error(): string | null {
    return this.#value()?.error ?? null;
  }

  get signal(): AbortSignal {
    return refuse();
  }

  append(_text: string): void {
    refuse();
  }

  set(_text: string): void {
    refuse();
  }

  complete(): void {
    refuse();
  }

  fail(_error: string): void {
    refuse();
  }

  reset(): void {
    refuse();
  }
}

function refuse(): never {
  throw new HoldfastError(
    "ENDED",
    "A stream was written to where no action runs, or it is no @field. Put @field before it, and write to it in actions.",
  );
}
