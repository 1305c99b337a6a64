import {
  type ClientLimits,
  type HelloMessage,
  type HoldfastError,
  PROTOCOL_VERSION,
  type ServerMessage,
  type Value,
} from "@holdfast/protocol";
import type { Environment } from "../environment.ts";
import { Listeners } from "../listeners.ts";
import { missingPart } from "../part.ts";
import { Timeout } from "../timeout.ts";
import { ActionPromise, type Rejection } from "./action-promise.ts";
import { ActionText, encodePayload } from "./action-text.ts";
import { Outbox, type OutboxKeeper } from "./outbox.ts";
import type { Optimism } from "./machinery.ts";
import { newPass, type Pass } from "./pass.ts";
import { keyChanged, toError, unknownOutcome } from "./store-errors.ts";
import type { Pending } from "./pending.ts";
import type { Reducer } from "./prediction.ts";
import { type Confirmed, type Frame, readFrame } from "./read-frame.ts";
import type { Recipe } from "./step.ts";
import type { Job } from "./update.ts";
import { shareStructure } from "./share-structure.ts";
import type { StoreSnapshot } from "./store-snapshot.ts";

/** 22 characters of base64url: 132 random bits. */
const CLIENT_ID_LENGTH = 22;
/** A page that has been quiet for so long says what is settled: its next frame may never come. */
const QUIET_MS = 1_000;

export interface ModuleStoreOptions {
  readonly environment: Environment;
  readonly limits: ClientLimits;
  readonly module: string;
  readonly key: string | undefined;
  /** Without it actions cannot be predicted. */
  readonly optimism?: Optimism | undefined;
  /** Sends a frame on the link at hand. */
  readonly send: (frame: string) => void;
  /** Says `hello` once more on the link at hand. */
  readonly greet: () => void;
  /** The link has to be given up. */
  readonly onStalled: () => void;
  /** An action was refused and nobody looks at its promise. */
  readonly onRejected: (rejection: Rejection) => void;
  /** The session has moved: the link has to be made again, at once. */
  readonly onRebind?: () => void;
}

/** What a rebase goes by that no frame has caused. */
const NO_NEWS: Pick<Frame, "commits" | "isSnapshot"> = { commits: [], isSnapshot: false };

/**
 * The state of one instance as this page sees it, and the actions that it has under way. Knows
 * frames, but no socket, and no framework.
 *
 *   frame ──▶ confirmed ──replay of pending──▶ shown ──▶ subscribers
 *   dispatch ──▶ outbox ──▶ frame
 */
export class ModuleStore {
  readonly #options: ModuleStoreOptions;
  /**
   * The outboxes that the link speaks for: those of pages that are gone, and the page's own. The former
   * were there first, so their actions come first.
   */
  #outboxes: readonly Outbox[];
  #own: Outbox;
  readonly #listeners: Listeners;
  #confirmed: Confirmed | undefined;
  #shown: Value | undefined;
  #snapshot: StoreSnapshot = { state: undefined, restored: false, pending: 0 };
  #pass: Pass = newPass(0, undefined, []);
  #isGreeted = false;
  /** Where the key is derived from the state: how often the session had moved, as the server said. */
  #generation: number | undefined;
  /** Actions that moved the session: done, once there is the state that they led to. */
  readonly #moved: (() => void)[] = [];
  #end: HoldfastError | undefined;
  readonly #quiet: Timeout;

  constructor(options: ModuleStoreOptions) {
    this.#options = options;
    this.#listeners = new Listeners(options.environment);
    this.#quiet = new Timeout(options.environment);
    this.#own = this.#createOutbox();
    this.#outboxes = [this.#own];
  }

  /** Names the page's own outbox to the server. */
  get client(): string {
    return this.#own.client;
  }

  /** Where the key is derived from the state: what says whose state and actions are here. */
  get generation(): number | undefined {
    return this.#generation;
  }

  /** The server's truth; `undefined` until restored. */
  get confirmed(): Confirmed | undefined {
    return this.#confirmed;
  }

  /** What is unacknowledged, in the order of its prediction. */
  get pending(): readonly Pending[] {
    return this.#outboxes.flatMap((outbox) => [...outbox.pending()]);
  }

  /** Confirmed state with the predictions of pending actions on top. */
  getSnapshot(): StoreSnapshot {
    return this.#snapshot;
  }

  subscribe(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  /**
   * Queues an action.
   *
   * @returns its result, once it is durable and its effects are in the snapshot; rejects with a
   * `HoldfastError` when the server refuses it, or at once when it cannot be sent
   */
  dispatch(name: string, payload?: unknown, reducer?: Reducer): Promise<unknown> {
    const { environment, limits, optimism } = this.#options;
    return this.#promise(name, payload, (resolve, reject) => {
      if (reducer && !optimism) missingPart("optimism");
      const outbox = this.#own;
      const { client, next: seq } = outbox;
      // Clocks may tell parts of a millisecond; the wire, and who predicts by it, does not.
      const at = Math.floor(environment.now());
      const words = { name, payload: encodePayload(payload, limits), now: reducer && at };
      const text = new ActionText(client, words, limits);
      outbox.checkRoom(text.bytes);
      const prediction =
        reducer &&
        optimism?.predict({
          environment,
          reducer: () => reducer,
          action: name,
          at,
          payload: text.payload,
          client,
          seq,
        });
      outbox.add({ type: "action", text, at, prediction, resolve, reject });
      if (this.#shown !== undefined) {
        this.#shown = prediction?.replay(this.#shown, this.#pass) ?? this.#shown;
      }
    });
  }

  /**
   * Runs a recipe on a draft of what is shown, shows the outcome at once and queues its patches.
   *
   * @returns resolves once it is durable; rejects as `dispatch` does, and with `CONFLICT` when others
   * keep changing the same place
   */
  update(recipe: Recipe): Promise<void> {
    return this.#promise("update", undefined, (resolve, reject) =>
      this.#queue({ recipe, resolve, reject }),
    );
  }

  /** Keeps the page's own outbox from now on. */
  keepIn(keeper: OutboxKeeper): void {
    this.#own.keepIn(keeper);
  }

  /** Shows a state that was kept, unless the server has said more already. */
  restore(confirmed: Confirmed, generation?: number): void {
    if (this.#confirmed || this.#end) return;
    this.#generation ??= generation;
    this.#rebase(confirmed, { ...NO_NEWS, isSnapshot: true });
    this.#publish();
  }

  /** Speaks for the outbox of a page that is gone, until nothing is left in it. */
  adopt(outbox: Outbox, generation?: number): void {
    // Then the server says whether they may still be sent.
    this.#generation ??= generation;
    this.#outboxes = [...this.#outboxes.slice(0, -1), outbox, this.#own];
    this.refresh();
    if (this.#isGreeted) this.#options.greet();
  }

  /** What is pending changed without a frame. */
  refresh(): void {
    // As if it were news.
    this.#rebase(this.#confirmed && { ...this.#confirmed });
    this.#publish();
  }

  /** Something was settled: says so after a quiet moment, unless a frame says it before. */
  settled(): void {
    this.#quiet.set(QUIET_MS, () => this.tellNews());
  }

  /** Tells the server what it does not know of the outboxes, unless the next frame is going to. */
  tellNews(): void {
    const hasNews = this.#outboxes.some((outbox) => outbox.hasNews);
    if (this.#isGreeted && hasNews && this.#size === 0) this.#options.greet();
  }

  /** The first message on a link, or one with news. `resync`: as if there were no state. */
  hello(resync: boolean): HelloMessage {
    this.#outboxes = this.#outboxes.filter((outbox) => !outbox.leave());
    const clients = this.#outboxes.map((outbox) => outbox.cursor());
    const generation = this.#generation === undefined ? {} : { generation: this.#generation };
    const hello = { type: "hello", protocol: PROTOCOL_VERSION, clients, ...generation } as const;
    if (resync || !this.#confirmed) return hello;
    const { epoch, version, mark, schema } = this.#confirmed;
    return { ...hello, epoch, version, mark, schema };
  }

  /**
   * Takes a frame in as one unit: applied whole, shown once, then reported to those who wait.
   *
   * @returns false for a frame that does not follow from what is here; nothing of it was applied
   * @throws HoldfastError `PATCH_INVALID` for a commit that does not fit; nothing was applied
   */
  receive(messages: readonly ServerMessage[]): boolean {
    if (messages.some((message) => this.#isElsewhere(message))) {
      this.#rebind(messages);
      return true;
    }
    const frame = readFrame(messages, {
      confirmed: this.#confirmed,
      isGreeted: this.#isGreeted,
      knows: (client) => this.#outbox(client) !== undefined,
    });
    if (!frame) return false;
    const reports: (() => void)[] = [];
    const makers = new Map<number, string>();
    for (const message of messages) {
      if (message.type === "bound") this.#generation = message.generation;
      if (message.type !== "ack" && message.type !== "reject") continue;
      const isAck = message.type === "ack";
      const action = this.#outbox(message.client)?.answered(message.seq, !isAck);
      if (isAck) {
        if (action?.type === "patch") makers.set(message.version, message.client);
        reports.push(() => action?.resolve(message.result));
      } else if (action?.type === "patch" && action.jobs.length > 1 && !this.#end) {
        // One of them spoiled it for the others.
        const { jobs } = action;
        reports.push(() => this.#again(jobs));
      } else reports.push(() => action?.reject(toError(message.error)));
    }
    for (const message of messages) {
      switch (message.type) {
        case "busy":
        case "gap":
        case "published":
        case "received":
        case "stale":
          // True because each method takes the message of its name.
          this.#outbox(message.client)?.[message.type](message as never);
      }
    }
    if (frame.isGreeting) {
      this.#isGreeted = true;
      // One that came while `hello` was under way is named by the next.
      if (!this.#outboxes.every((outbox) => outbox.isNamed)) this.#options.greet();
      else for (const outbox of this.#outboxes) outbox.connected(frame.isSnapshot);
    }
    this.#rebase(frame.confirmed, frame, makers);
    this.#publish();
    for (const report of reports) report();
    if (frame.isSnapshot) this.#arrive();
    return true;
  }

  /** What is here belongs to where the session is no more; `hello` may have gone out without it. */
  #isElsewhere(message: ServerMessage): boolean {
    if (message.type === "rebind") return true;
    const generation = this.#generation;
    return message.type === "bound" && (generation ?? message.generation) !== message.generation;
  }

  /** `hello` was answered on the link at hand. */
  get isGreeted(): boolean {
    return this.#isGreeted;
  }

  /** The link is gone. */
  disconnected(): void {
    this.#isGreeted = false;
    this.#quiet.clear();
    for (const outbox of this.#outboxes) outbox.disconnected();
  }

  /** No link will come any more: every action, open or yet to come, is rejected. */
  end(error: HoldfastError): void {
    this.#end = error;
    this.disconnected();
    this.#arrive();
    this.#abandon(error, error.code === "CLOSED");
  }

  /** State and actions were somebody else's: gives both up and begins afresh, as another client. */
  discard(error: HoldfastError): void {
    this.disconnected();
    this.#empty();
    this.#abandon(error, error.code === "CLOSED");
  }

  #empty(): void {
    this.#confirmed = this.#shown = this.#generation = undefined;
    // Its actions are still to be rejected.
    this.#own = this.#createOutbox();
  }

  /** @param isExact whoever has not heard of an answer knows that there was none */
  #abandon(error: HoldfastError, isExact: boolean, reports: readonly (() => void)[] = []): void {
    const abandoned = this.#outboxes.flatMap((outbox) => outbox.abandon());
    this.#outboxes = [this.#own];
    this.refresh();
    for (const report of reports) report();
    for (const { action, wasSent } of abandoned) {
      action.reject(wasSent && !isExact ? unknownOutcome(error) : error);
    }
  }

  #outbox(client: string): Outbox | undefined {
    return this.#outboxes.find((outbox) => outbox.client === client);
  }

  /** The number of unanswered actions. */
  get #size(): number {
    return this.#outboxes.reduce((sum, outbox) => sum + outbox.size, 0);
  }

  #createOutbox(): Outbox {
    const { environment } = this.#options;
    const client = environment.randomToken(CLIENT_ID_LENGTH);
    return new Outbox({ ...this.#options, client, onSettled: () => this.settled() });
  }

  /** The promise of what `queue` puts into the outbox, or throws. */
  #promise<Result>(
    action: string,
    payload: unknown,
    queue: (resolve: (result: unknown) => void, reject: (error: HoldfastError) => void) => void,
  ): Promise<Result> {
    const { environment, module, key, onRejected } = this.#options;
    return new ActionPromise<Result>((resolve, reject) => {
      if (this.#end) throw this.#end;
      // True as far as the server keeps the contract.
      queue(resolve as (result: unknown) => void, reject);
      this.#publish();
    }).ifIgnored(environment, (error) => onRejected({ module, key, action, payload, error }));
  }

  #queue(job: Job, isAlone = false): void {
    const { environment, limits, optimism } = this.#options;
    if (!optimism) missingPart("optimism");
    this.#shown = optimism.queue(job, {
      outbox: this.#own,
      shown: this.#shown,
      pass: this.#pass,
      at: environment.now(),
      limits,
      isAlone,
    });
  }

  /** Updates that were refused together are made again one by one. */
  #again(jobs: readonly Job[]): void {
    for (const job of jobs) {
      try {
        this.#queue(job, true);
      } catch (error) {
        // True because `queue` throws nothing else.
        job.reject(error as HoldfastError);
      }
    }
    this.#publish();
  }

  /**
   * The session has moved, and nothing that is here belongs to where it is now. The action that moved
   * it is done once the new state is shown.
   */
  #rebind(messages: readonly ServerMessage[]): void {
    // Who was greeted knows of every answer: what it has not heard of was not started.
    const isExact = this.#isGreeted;
    const reports: (() => void)[] = [];
    for (const message of messages) {
      if (message.type !== "ack" && message.type !== "reject") continue;
      const action = this.#outbox(message.client)?.answered(message.seq);
      if (!action) continue;
      if (message.type === "ack") this.#moved.push(() => action.resolve(message.result));
      else reports.push(() => action.reject(toError(message.error)));
    }
    this.disconnected();
    this.#empty();
    this.#abandon(keyChanged(), isExact, reports);
    this.#options.onRebind?.();
  }

  /** The state of where the session has moved to is shown. */
  #arrive(): void {
    if (this.#moved.length === 0) return;
    const moved = this.#moved.splice(0);
    this.#publish();
    for (const report of moved) report();
  }

  /**
   * Moves on to `next` and replays what is pending. Where the outcome equals what was shown, the
   * shown nodes stay, and confirmed adopts them: a prediction that comes true changes nothing.
   */
  #rebase(
    next: Confirmed | undefined,
    { commits, isSnapshot }: Pick<Frame, "commits" | "isSnapshot"> = NO_NEWS,
    makers?: ReadonlyMap<number, string>,
  ): void {
    if (!next) return;
    const { pending } = this;
    // They are made again when the state changes.
    const hasPatches = pending.some(({ type }) => type === "patch");
    const before = this.#shown;
    const wasPredicted = before !== this.#confirmed?.state;
    if (next === this.#confirmed && !wasPredicted && !hasPatches) return;
    const share = before !== undefined && (wasPredicted || isSnapshot || hasPatches);
    const state = share ? shareStructure(before, next.state) : next.state;
    this.#confirmed = state === next.state ? next : { ...next, state };
    let shown = state;
    this.#pass = newPass(next.version, state, isSnapshot ? undefined : commits, makers);
    for (const one of pending) shown = one.prediction?.replay(shown, this.#pass) ?? shown;
    for (const outbox of this.#outboxes) outbox.refreshed();
    this.#shown = share && shown !== state ? shareStructure(before, shown) : shown;
  }

  #publish(): void {
    const before = this.#snapshot;
    const state = this.#shown;
    const pending = this.#size + this.#moved.length;
    // A state is never undefined, so there is one exactly if it is restored.
    if (state === before.state && pending === before.pending) return;
    this.#snapshot =
      state === undefined
        ? { restored: false, state, pending }
        : { restored: true, state, pending };
    this.#listeners.notify();
  }
}
