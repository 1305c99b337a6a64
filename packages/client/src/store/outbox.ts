import { EXPLAIN, HoldfastError, joinFrame, type ClientLimits } from "@holdfast/protocol";
import type { Environment, Timer } from "../environment.ts";
import type { ActionText } from "./action-text.ts";
import type { Prediction } from "./prediction.ts";

/** A frame that nothing has answered for so long is not going to be: the link is given up. */
const ANSWER_DEADLINE_MS = 30_000;
/** Clients that were told `busy` together come back spread over their wait, half as long again. */
const BUSY_JITTER = 0.5;
const MOST_BUSY_MS = 60_000;

/** One action from its dispatch until it is answered. */
export interface PendingAction {
  readonly text: ActionText;
  readonly prediction: Prediction | undefined;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: HoldfastError) => void;
}

interface Entry {
  readonly action: PendingAction;
  isAnswered: boolean;
  /** It may have reached the server, on this link or an earlier one. */
  wasSent: boolean;
}

export interface OutboxOptions {
  readonly environment: Environment;
  readonly limits: ClientLimits;
  readonly send: (frame: string) => void;
  /** The link does not answer any more, or answers nonsense. */
  readonly onStalled: () => void;
}

/**
 * A client's own queue: numbers its actions from 1 and sends each, in order, until it is answered.
 * One frame is on its way at a time; what queues up meanwhile goes out as the next.
 *
 *   1 … settled │ settled + 1 … unsent − 1 │ unsent …
 *   forgotten   │ sent; some are answered  │ not sent on this link
 */
export class Outbox {
  readonly #options: OutboxOptions;
  /** Everything above `settled`, ascending. */
  readonly #entries = new Map<number, Entry>();
  #next = 1;
  #unsent = 1;
  #settled = 0;
  #unanswered = 0;
  #bytes = 0;
  /** The sequences of the frame that is on its way. */
  readonly #awaited = new Set<number>();
  #deadline: Timer;
  #busy: Timer;
  #isConnected = false;
  #isFlushScheduled = false;
  #isGapRepeated = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** Every sequence up to here is answered and reported. */
  get settled(): number {
    return this.#settled;
  }

  /** The number of unanswered actions. */
  get size(): number {
    return this.#unanswered;
  }

  /** The sequence that the next action will get. */
  get next(): number {
    return this.#next;
  }

  /** The unanswered actions, in order. */
  *pending(): Generator<PendingAction> {
    for (const { action, isAnswered } of this.#entries.values()) if (!isAnswered) yield action;
  }

  /** @throws HoldfastError `OUTBOX_FULL` when `bytes` more do not fit */
  checkRoom(bytes: number): void {
    const { outboxActions, outboxBytes } = this.#options.limits;
    if (this.#unanswered < outboxActions && this.#bytes + bytes <= outboxBytes) return;
    throw new HoldfastError(
      "OUTBOX_FULL",
      EXPLAIN &&
        `${this.#unanswered} actions of ${this.#bytes} bytes are unanswered; more than ${outboxActions} or ${outboxBytes} bytes do not fit. Is the server out of reach, or slower than the page? Await what you send.`,
    );
  }

  add(action: PendingAction): void {
    this.#entries.set(this.#next++, { action, isAnswered: false, wasSent: false });
    this.#unanswered++;
    this.#bytes += action.text.bytes;
    this.#scheduleFlush();
  }

  /** `hello` was answered, stored answers included: what is still open goes out again. */
  connected(): void {
    this.#isConnected = true;
    this.#unsent = this.#settled + 1;
    this.#scheduleFlush();
  }

  disconnected(): void {
    this.#isConnected = false;
    this.#isGapRepeated = false;
    this.#stopWaiting();
    this.#options.environment.clearTimeout(this.#busy);
    this.#busy = undefined;
  }

  /** Takes the action that `seq` was open for; `undefined` if it is answered already. */
  answered(seq: number): PendingAction | undefined {
    const entry = this.#entries.get(seq);
    this.#awaited.delete(seq);
    this.#proceed();
    if (!entry || entry.isAnswered) return undefined;
    entry.isAnswered = true;
    this.#isGapRepeated = false;
    this.#unanswered--;
    this.#bytes -= entry.action.text.bytes;
    this.#settle();
    return entry.action;
  }

  /** The server has it, and will answer when it is over: the next frame need not wait for that. */
  received(seq: number): void {
    this.#awaited.delete(seq);
    this.#isGapRepeated = false;
    this.#proceed();
  }

  /** Nothing is decided about `seq` and what follows it. */
  busy(seq: number, retryAfter: number): void {
    const { environment } = this.#options;
    this.#unsent = Math.min(this.#unsent, seq);
    this.#stopWaiting();
    environment.clearTimeout(this.#busy);
    const wait = Math.min(retryAfter, MOST_BUSY_MS) * (1 + environment.random() * BUSY_JITTER);
    this.#busy = environment.setTimeout(() => {
      this.#busy = undefined;
      this.#flush();
    }, wait);
  }

  /** The server misses a sequence: all above `settled` go out again, the answered ones as well. */
  gap(): void {
    this.#stopWaiting();
    if (this.#isGapRepeated) {
      this.#options.onStalled();
      return;
    }
    this.#isGapRepeated = true;
    this.#unsent = this.#settled + 1;
    this.#scheduleFlush();
  }

  /** Gives up on everything, and returns what was unanswered, in order. */
  abandon(): { readonly action: PendingAction; readonly wasSent: boolean }[] {
    this.disconnected();
    const abandoned = [...this.#entries.values()].filter(({ isAnswered }) => !isAnswered);
    this.#entries.clear();
    this.#unanswered = this.#bytes = 0;
    this.#settled = this.#next - 1;
    return abandoned;
  }

  #settle(): void {
    while (this.#entries.get(this.#settled + 1)?.isAnswered) {
      this.#entries.delete(++this.#settled);
    }
  }

  /** In a microtask, so that what is dispatched together goes out together. */
  #scheduleFlush(): void {
    if (this.#isFlushScheduled) return;
    this.#isFlushScheduled = true;
    queueMicrotask(() => {
      this.#isFlushScheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (!this.#isConnected || this.#awaited.size > 0 || this.#busy !== undefined) return;
    const texts = this.#takeFrame();
    if (texts.length === 0) return;
    this.#deadline = this.#options.environment.setTimeout(
      () => this.#options.onStalled(),
      ANSWER_DEADLINE_MS,
    );
    this.#options.send(joinFrame(texts));
  }

  #takeFrame(): string[] {
    const { frameInBytes, openSequences } = this.#options.limits;
    const last = Math.min(this.#next - 1, this.#settled + openSequences);
    const texts: string[] = [];
    // The brackets; each text then brings a comma.
    let bytes = 2;
    for (; this.#unsent <= last; this.#unsent++) {
      const entry = this.#entries.get(this.#unsent);
      if (!entry || (entry.isAnswered && !this.#isGapRepeated)) continue;
      const { text } = entry.action;
      if (texts.length > 0 && bytes + text.bytes + 1 > frameInBytes) break;
      bytes += text.bytes + 1;
      entry.wasSent = true;
      this.#awaited.add(this.#unsent);
      texts.push(text.at(this.#unsent, this.#settled));
    }
    return texts;
  }

  #stopWaiting(): void {
    this.#awaited.clear();
    this.#options.environment.clearTimeout(this.#deadline);
  }

  /** Sends the next frame once the last is answered. */
  #proceed(): void {
    if (this.#awaited.size > 0) return;
    this.#stopWaiting();
    this.#scheduleFlush();
  }
}
