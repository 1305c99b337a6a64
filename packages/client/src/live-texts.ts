import type { ServerMessage, StreamMessage } from "@holdfast/protocol";
import type { Environment } from "./environment.ts";
import { Listeners } from "./listeners.ts";
import type { InstancePart } from "./part.ts";

/** What is known of a stream's text beyond what is durable, from `from` on. */
export type LiveText = Pick<StreamMessage, "from" | "text">;

/** Longer than what a server ever has to tell before it is durable. */
const MOST_TEXT = 65_536;
const MOST_STREAMS = 256;

/** The live text of an instance's streams, by their ids: under one id a text only grows. */
export class LiveTexts implements InstancePart {
  readonly #texts = new Map<string, LiveText>();
  readonly #listeners: Listeners;
  /** The link was lost: what the next answer to `hello` does not say again is forgotten. */
  #isStale = false;

  constructor(environment: Environment) {
    this.#listeners = new Listeners(environment);
  }

  /** The same object until more has come. */
  of(id: string): LiveText | undefined {
    return this.#texts.get(id);
  }

  /** @returns a function that ends the subscription */
  subscribe(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  /** A frame, once `hello` was answered. */
  receive(messages: readonly ServerMessage[]): void {
    let isNews = this.#isStale && this.#texts.size > 0;
    if (this.#isStale) this.#texts.clear();
    this.#isStale = false;
    for (const message of messages) {
      if (message.type !== "stream") continue;
      this.#add(message);
      isNews = true;
    }
    if (isNews) this.#listeners.notify();
  }

  down(): void {
    this.#isStale = true;
  }

  #add({ id, from, text }: StreamMessage): void {
    const known = this.#texts.get(id);
    const joined = known ? join(known, { from, text }) : { from, text };
    const excess = joined.text.length - MOST_TEXT;
    this.#texts.delete(id);
    this.#texts.set(
      id,
      excess > 0 ? { from: joined.from + excess, text: joined.text.slice(excess) } : joined,
    );
    if (this.#texts.size <= MOST_STREAMS) return;
    // The one that was told of longest ago.
    for (const oldest of this.#texts.keys()) {
      this.#texts.delete(oldest);
      return;
    }
  }
}

/** Costs what is new; what was told before is told again after a link was lost, or in part. */
function join(known: LiveText, next: LiveText): LiveText {
  const end = known.from + known.text.length;
  if (next.from === end) return { from: known.from, text: known.text + next.text };
  // Something in between was missed: it is durable by now, or will be in a moment.
  if (next.from > end || next.from < known.from) return next;
  if (next.from + next.text.length <= end) return known;
  return { from: known.from, text: known.text + next.text.slice(end - next.from) };
}
