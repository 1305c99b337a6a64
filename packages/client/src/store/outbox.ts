import {
  type BusyMessage,
  type ClientCursor,
  type ClientLimits,
  EXPLAIN,
  HoldfastError,
  joinFrame,
  type PublishedMessage,
  type ReceivedMessage,
  type StaleMessage,
} from "@holdfast/protocol";
import type { Environment } from "../environment.ts";
import { Timeout } from "../timeout.ts";
import type { Pending } from "./pending.ts";

/** A frame that nothing has answered for so long is not going to be: the link is given up. */
const ANSWER_DEADLINE_MS = 30_000;
/** Clients that were told `busy` together come back spread over their wait, half as long again. */
const BUSY_JITTER = 0.5;
const MOST_BUSY_MS = 60_000;

interface Entry {
  action: Pending;
  /** What it counts for in the outbox. */
  bytes: number;
  isAnswered: boolean;
  /** It may have reached the server, on this link or an earlier one. */
  wasSent: boolean;
}

/** Where a durable outbox keeps its actions. Nothing in here waits for it, apart from `settled`. */
export interface OutboxKeeper {
  /** Called in the order of sequences, in the task that dispatched the action. */
  add(seq: number, action: Pending): void;
  /** It is answered, but one before it is not. */
  answered(seq: number): void;
  /** All up to `seq` is answered and reported: calls back once nothing of it is kept any more. */
  remove(seq: number, onRemoved: () => void): void;
}

export interface OutboxOptions {
  readonly environment: Environment;
  readonly limits: ClientLimits;
  /** The client id: names this outbox to the server. */
  readonly client: string;
  readonly send: (frame: string) => void;
  /** The link does not answer any more, or answers nonsense. */
  readonly onStalled: () => void;
  /** There is more to be said to be settled. */
  readonly onSettled: () => void;
  /** Nothing is left of what a page that is gone has dispatched. */
  readonly onDone?: () => void;
}

/**
 * A client's own queue: numbers its actions from 1 and sends each, in order, until it is answered.
 * One frame is on its way at a time; what queues up meanwhile goes out as the next.
 *
 *   1 … settled │ settled + 1 … unsent − 1 │ unsent …
 *   forgotten   │ sent; some are answered  │ not sent on this link
 *
 * Settled is what is answered and reported and, where there is a keeper, not kept any more.
 */
export class Outbox {
  readonly client: string;
  readonly #options: OutboxOptions;
  #keeper: OutboxKeeper | undefined;
  /** Everything above `settled`, ascending. */
  readonly #entries = new Map<number, Entry>();
  #next = 1;
  #unsent = 1;
  #settled = 0;
  /** Everything up to here is answered. */
  #reported = 0;
  /** What the server was last told to be settled. */
  #told = 0;
  /** `hello` has named this outbox on the link at hand. */
  #isNamed = false;
  #unanswered = 0;
  #bytes = 0;
  /** The sequences of the frame that is on its way. */
  readonly #awaited = new Set<number>();
  readonly #deadline: Timeout;
  readonly #busy: Timeout;
  #isConnected = false;
  #isFlushScheduled = false;
  #isGapRepeated = false;
  /** What has grown since it was kept. */
  #growing: number | undefined;

  /** @param settled where it begins: it has sequences above that only */
  constructor(options: OutboxOptions, settled = 0) {
    this.#options = options;
    this.client = options.client;
    this.#deadline = new Timeout(options.environment);
    this.#busy = new Timeout(options.environment);
    this.#settled = this.#reported = this.#told = settled;
    this.#next = this.#unsent = settled + 1;
  }

  /** Every sequence up to here is answered, reported and not kept any more. */
  get settled(): number {
    return this.#settled;
  }

  get isNamed(): boolean {
    return this.#isNamed;
  }

  /** `hello` has not named it yet, or the server does not know all that is settled. */
  get hasNews(): boolean {
    return !this.#isNamed || this.#told < this.#settled;
  }

  /** That of a page that is gone is let go when nothing is left in it, and the server knows. */
  leave(): boolean {
    const { onDone } = this.#options;
    if (!onDone || this.#entries.size > 0 || this.hasNews) return false;
    onDone();
    return true;
  }

  /** From now on actions are kept, those that are here already as well. */
  keepIn(keeper: OutboxKeeper): void {
    this.#keeper = keeper;
    for (const [seq, { action, isAnswered }] of this.#entries) {
      keeper.add(seq, action);
      if (isAnswered) keeper.answered(seq);
    }
  }

  /** How `hello` names it. */
  cursor(): ClientCursor {
    this.#isNamed = true;
    this.#told = this.#settled;
    return { id: this.client, settled: this.#settled };
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
  *pending(): Generator<Pending> {
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

  add(action: Pending): void {
    const seq = this.#next++;
    const { bytes } = action.text;
    this.#entries.set(seq, { action, bytes, isAnswered: false, wasSent: false });
    this.#unanswered++;
    this.#bytes += bytes;
    this.#keeper?.add(seq, action);
    this.#scheduleFlush();
  }

  /** Adds what another page has dispatched, maybe sent, and kept; it is there to be kept already. */
  adopt(
    actions: readonly { readonly action: Pending; readonly isAnswered: boolean }[],
    keeper: OutboxKeeper,
  ): void {
    for (const { action, isAnswered } of actions) {
      const { bytes } = action.text;
      this.#entries.set(this.#next++, { action, bytes, isAnswered, wasSent: true });
      if (isAnswered) continue;
      this.#unanswered++;
      this.#bytes += bytes;
    }
    this.#keeper = keeper;
    this.#settle();
  }

  /**
   * `hello` was answered, stored answers included: what is still open goes out again. Where it was said
   * only for its news, what is under way stays so, unless the host begins afresh.
   */
  connected(isAfresh: boolean): void {
    if (this.#isConnected && !isAfresh) return;
    this.#isConnected = true;
    this.#unsent = this.#settled + 1;
    this.#scheduleFlush();
  }

  disconnected(): void {
    this.#isConnected = this.#isNamed = false;
    this.#isGapRepeated = false;
    this.#stopWaiting();
    this.#busy.clear();
  }

  /** Takes the action that `seq` was open for; `undefined` if it is answered already. */
  answered(seq: number, isRefused = false): Pending | undefined {
    const entry = this.#entries.get(seq);
    this.#awaited.delete(seq);
    this.#proceed();
    if (!entry || entry.isAnswered) return undefined;
    entry.isAnswered = true;
    this.#isGapRepeated = false;
    this.#unanswered--;
    this.#bytes -= entry.bytes;
    // Those behind were made on top of patches that did not come to what they were.
    const { type, isDoubtful } = entry.action;
    if (type === "patch" && (isRefused || isDoubtful)) this.#outdate(seq, false);
    this.#settle();
    if (seq > this.#reported) this.#keeper?.answered(seq);
    return entry.action;
  }

  /**
   * The patches of `seq` and those behind them were made on a state that is not the server's: they
   * are made again, and sent from there.
   */
  stale({ seq }: StaleMessage): void {
    const entry = this.#entries.get(seq);
    if (!entry || entry.isAnswered) return;
    this.#stopWaiting();
    this.#isGapRepeated = false;
    this.#unsent = Math.min(this.#unsent, seq);
    this.#outdate(seq, true);
    entry.action.stale?.();
    this.#scheduleFlush();
  }

  /** A part of the action is durable: what is predicted of it would show twice. */
  published({ seq }: PublishedMessage): void {
    const entry = this.#entries.get(seq);
    if (entry?.action.type === "action") entry.action = { ...entry.action, prediction: undefined };
  }

  /** The last one, if nobody has been sent anything of it. */
  get unsentTail(): Pending | undefined {
    const last = this.#entries.get(this.#next - 1);
    return last?.wasSent === false ? last.action : undefined;
  }

  /** The last one has grown by so many bytes. */
  grew(bytes: number): void {
    const seq = this.#next - 1;
    const entry = this.#entries.get(seq);
    if (!entry) return;
    entry.bytes += bytes;
    this.#bytes += bytes;
    if (!this.#keeper || this.#growing === seq) return;
    // Once for all that one task adds to it: what is kept is all of its text.
    this.#growing = seq;
    queueMicrotask(() => {
      this.#growing = undefined;
      if (!entry.isAnswered) this.#keeper?.add(seq, entry.action);
    });
  }

  /** Patches were made again, or may go out now. */
  refreshed(): void {
    for (const [seq, { action, isAnswered }] of this.#entries) {
      if (isAnswered || action.type === "action") continue;
      this.#keeper?.add(seq, action);
      this.#scheduleFlush();
    }
  }

  /** The server has it, and will answer when it is over: the next frame need not wait for that. */
  received({ seq }: ReceivedMessage): void {
    // Patches may yet be stale: what comes behind them waits, and the link is given up if they hang.
    if (this.#entries.get(seq)?.action.type === "patch") return;
    this.#awaited.delete(seq);
    this.#isGapRepeated = false;
    this.#proceed();
  }

  /** Nothing is decided about `seq` and what follows it. */
  busy({ seq, retryAfter }: BusyMessage): void {
    const { environment } = this.#options;
    this.#unsent = Math.min(this.#unsent, seq);
    this.#stopWaiting();
    const wait = Math.min(retryAfter, MOST_BUSY_MS) * (1 + environment.random() * BUSY_JITTER);
    this.#busy.set(wait, () => this.#flush());
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
  abandon(): { readonly action: Pending; readonly wasSent: boolean }[] {
    this.disconnected();
    const abandoned = [...this.#entries.values()].filter(({ isAnswered }) => !isAnswered);
    this.#entries.clear();
    this.#unanswered = this.#bytes = 0;
    this.#settled = this.#reported = this.#next - 1;
    this.#keeper = undefined;
    return abandoned;
  }

  #settle(): void {
    let reported = this.#reported;
    while (this.#entries.get(reported + 1)?.isAnswered) reported++;
    if (reported === this.#reported) return;
    this.#reported = reported;
    if (this.#keeper) this.#keeper.remove(reported, () => this.#forget(reported));
    else this.#forget(reported);
  }

  #forget(seq: number): void {
    while (this.#settled < seq) this.#entries.delete(++this.#settled);
    this.#options.onSettled();
    // It may have waited for room among the open ones.
    this.#scheduleFlush();
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
    if (!this.#isConnected || this.#awaited.size > 0 || this.#busy.isSet) return;
    const texts = this.#takeFrame();
    if (texts.length === 0) return;
    this.#deadline.set(ANSWER_DEADLINE_MS, () => this.#options.onStalled());
    this.#options.send(joinFrame(texts));
  }

  #takeFrame(): string[] {
    const { frameInBytes, openSequences } = this.#options.limits;
    const last = Math.min(this.#next - 1, this.#settled + openSequences, this.#barrier());
    const texts: string[] = [];
    // The brackets; each text then brings a comma.
    let bytes = 2;
    for (; this.#unsent <= last; this.#unsent++) {
      const entry = this.#entries.get(this.#unsent);
      if (!entry || (entry.isAnswered && !this.#isGapRepeated)) continue;
      if (!entry.isAnswered) entry.action.prepare?.();
      const { text } = entry.action;
      if (texts.length > 0 && bytes + text.bytes + 1 > frameInBytes) break;
      bytes += text.bytes + 1;
      entry.wasSent = true;
      this.#awaited.add(this.#unsent);
      this.#told = this.#settled;
      texts.push(text.at(this.#unsent, this.#settled));
    }
    return texts;
  }

  /**
   * The last one that may go out: patches that are not ready wait, and so does what stands behind
   * patches that the server may have taken in an older form.
   */
  #barrier(): number {
    for (const [seq, { action, isAnswered }] of this.#entries) {
      if (isAnswered) continue;
      if (action.isReady === false) return seq - 1;
      if (action.isDoubtful) return seq;
    }
    return Infinity;
  }

  /** Patches from `first` on have to be made again. `isAsked`: by the server. */
  #outdate(first: number, isAsked: boolean): void {
    for (const [seq, { action, isAnswered }] of this.#entries) {
      if (seq >= first && !isAnswered) action.outdate?.(isAsked);
    }
  }

  #stopWaiting(): void {
    this.#awaited.clear();
    this.#deadline.clear();
  }

  /** Sends the next frame once the last is answered. */
  #proceed(): void {
    if (this.#awaited.size > 0) return;
    this.#stopWaiting();
    this.#scheduleFlush();
  }
}
