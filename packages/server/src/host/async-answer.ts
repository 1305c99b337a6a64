import { encodeAnswer } from "@holdfast/protocol";
import type { ActionCall } from "./call.ts";
import { busyText, publishedText } from "./intake.ts";
import type { News } from "./news.ts";
import { type Decided, INTERRUPTED, type Outcome } from "./run.ts";
import type { RunnerParts } from "./runner-parts.ts";
import type { Sequence } from "./sequences.ts";

/** What is told of an asynchronous action: of its parts, when they are durable, and of its end. */
export class AsyncAnswer {
  readonly #parts: RunnerParts;
  readonly #call: ActionCall;
  readonly #isOver: () => boolean;
  #isPublished = false;

  constructor(parts: RunnerParts, call: ActionCall, isOver: () => boolean) {
    this.#parts = parts;
    this.#call = call;
    this.#isOver = isOver;
  }

  /** A part of the action is durable: it can never be run again. */
  get isPublished(): boolean {
    return this.#isPublished;
  }

  published(): void {
    this.#isPublished = true;
    const { sequence } = this.#call;
    if (sequence) this.#parts.sequences.publish(sequence);
  }

  /** A part was written, or came to nothing. */
  tellPart({ commit, news }: Decided): void {
    if (commit === undefined) {
      this.#parts.tell(news);
      return;
    }
    this.published();
    this.#parts.tell([{ type: "commit", text: commit }, ...this.#publishedNews(), ...news]);
  }

  /** A part that was kept in memory only is durable now: what is told behind its commit. */
  savedPart({ commit, news }: Decided): News[] {
    if (commit !== undefined) this.published();
    return commit === undefined || this.#isOver() ? [...news] : [...news, ...this.#publishedNews()];
  }

  tellEnd(outcome: Outcome): void {
    const { sequence } = this.#call;
    const news: News[] = [];
    if (outcome.type === "decided") {
      if (outcome.commit !== undefined) news.push({ type: "commit", text: outcome.commit });
      news.push(...outcome.news);
    }
    if (sequence && outcome.type !== "moving" && outcome.type !== "unsaved") {
      const text =
        outcome.type === "decided"
          ? encodeAnswer(sequence.client, sequence.seq, outcome.answer)
          : this.#undecided(sequence);
      news.push({ type: "answer", sequence, text });
    }
    this.#parts.tell(news);
    if (outcome.type !== "unsaved") this.#report(outcome);
  }

  #publishedNews(): News[] {
    const { sequence } = this.#call;
    if (!sequence) return [];
    return [{ type: "answer", sequence, text: publishedText(sequence.client, sequence.seq) }];
  }

  #report(outcome: Outcome): void {
    const undecided = this.#isPublished ? INTERRUPTED : undefined;
    this.#call.onAnswer?.(outcome.type === "decided" ? outcome.answer : undecided);
  }

  /** The last write failed. What was published stands, and with it the answer stored then. */
  #undecided(sequence: Sequence): string {
    const { client, seq } = sequence;
    if (!this.#isPublished) return busyText(client, seq);
    this.#parts.sequences.recall(sequence, INTERRUPTED);
    return encodeAnswer(client, seq, INTERRUPTED);
  }
}
