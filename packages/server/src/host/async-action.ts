import { HoldfastError } from "@holdfast/protocol";
import { PersistError } from "../module/persist-error.ts";
import type { Stream, StreamPath, StreamSource } from "../module/stream.ts";
import type { AsyncTransaction } from "../state/async-transaction.ts";
import { AsyncAnswer } from "./async-answer.ts";
import type { ActionCall } from "./call.ts";
import { Context } from "./context.ts";
import { checkInput } from "./check-input.ts";
import { Effects } from "./effects.ts";
import { guard } from "./guard.ts";
import type { Decided, Outcome } from "./run.ts";
import type { RunnerParts } from "./runner-parts.ts";
import { savedNews } from "./saved-news.ts";
import { sessionOf } from "./server-identity.ts";
import { ActionStreams } from "./stream/action-streams.ts";
import type { Writer } from "./turn.ts";

/** So long after a store of its streams that failed, an action that has returned tries it again. */
const STORE_AGAIN_MS = 250;
/** So long after the move of its session was interrupted, it is looked whether that has gone on. */
const MOVED_AGAIN_MS = 250;

/**
 * One asynchronous action, from its start to its answer. Isolated: its transaction keeps its writes
 * to itself until they are published, in its turn and through the same door as everybody's.
 *
 *   start ──▶ running ──commit()──▶ running … ──returns, throws, times out──▶ over
 */
export class AsyncAction implements Writer, StreamSource {
  readonly name: string;
  readonly #parts: RunnerParts;
  readonly #call: ActionCall;
  readonly #onOver: () => void;
  readonly #transaction: AsyncTransaction;
  readonly #effects: Effects;
  #stopClock: () => void = () => {};
  readonly #database = { written: false };
  readonly #answer: AsyncAnswer;
  #isOver = false;
  #streams: ActionStreams | undefined;
  #context: Context | undefined;

  constructor(parts: RunnerParts, call: ActionCall, onOver: () => void) {
    this.name = call.action.name;
    this.#parts = parts;
    this.#call = call;
    this.#onOver = onOver;
    this.#answer = new AsyncAnswer(parts, call, () => this.#isOver);
    this.#effects = call.effects ?? new Effects(parts.limits);
    this.#transaction = parts.tree.beginAsync({
      serializable: call.definition?.isolation === "serializable",
      onFirstWrite: () => parts.turn.wrote(this),
    });
  }

  start(): void {
    const { authority, sql } = this.#parts;
    const { action, caller, definition, isTrusted } = this.#call;
    if (!definition) throw new Error("An action that the module does not have was started.");
    const { timeout, handler } = definition;
    const { name } = this;
    const run = (payload: unknown): unknown => {
      if (!isTrusted) authority.actionOnCommitted(caller, { name, definition, payload });
      return handler(context, payload);
    };
    const context = new Context(this.#parts, this.#call, {
      async: true,
      state: this.#transaction.state,
      effects: this.#effects,
      streams: this,
      database: () => sql,
      onWrite: () => void (this.#database.written = true),
      commit: () => this.#publish(),
    });
    this.#context = context;
    this.#watch(timeout, timeout);
    // Not `Promise.try`: a throw before the first await takes the same way as one behind it.
    new Promise((resolve) => {
      const payload = checkInput(name, definition, action.payload);
      // Not a microtask later than it must be: what is written before the first await holds the turn.
      resolve(payload instanceof Promise ? payload.then(run) : run(payload));
    }).then(
      (result) => this.#behindTransaction(() => this.#end(() => result)),
      (error: unknown) => this.#behindTransaction(() => this.#fail(error)),
    );
  }

  /** What is written to it is there for all, whatever becomes of the action. */
  openStream(path: StreamPath): Stream {
    const { streams, platform } = this.#parts;
    const { sequence } = this.#call;
    this.#streams ??= new ActionStreams(
      streams,
      {
        sequence,
        effects: this.#effects,
        isPublished: () => this.#answer.isPublished,
        published: () => this.#answer.published(),
        resume: () => {
          if (!this.#isOver) this.#transaction.assertActive();
        },
      },
      () => platform.now(),
    );
    return this.#streams.openStream(path);
  }

  /** Of its storage: one that the handler has not awaited could undo what follows. */
  #behindTransaction(next: () => void): void {
    const underWay = this.#context?.transactionUnderWay;
    if (!underWay) next();
    else {
      void (async () => {
        await underWay;
        next();
      })();
    }
  }

  /** Gives it up when it has taken too long, or as long since there was text for a stream. */
  #watch(wait: number, timeout: number): void {
    const { platform } = this.#parts;
    this.#stopClock = platform.after(wait, () => {
      const silent = platform.now() - (this.#streams?.lastText ?? Number.NEGATIVE_INFINITY);
      if (silent < timeout) this.#watch(timeout - silent, timeout);
      else this.#fail(timedOut(this.name, timeout));
    });
  }

  /** What the handler has written so far becomes one commit. */
  #publish(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#isOver) throw ended(this.name);
      if (this.#context?.transactionUnderWay) throw insideTransaction();
      if (!this.#transaction.writing) {
        resolve();
        return;
      }
      this.#inTurn(() => {
        if (this.#isOver) {
          reject(ended(this.name));
          return;
        }
        const outcome = this.#commit(true, () => undefined);
        if (outcome.type === "unsaved") {
          resolve();
          this.#parts.turn.release(this);
        } else if (outcome.type !== "decided") reject(this.#notStored());
        else if (outcome.answer.type === "reject") {
          const { code, message } = outcome.answer.error;
          reject(new HoldfastError(code, message));
        } else {
          this.#answer.tellPart(outcome);
          this.#parts.turn.release(this);
          resolve(this.#parts.platform.durable?.());
        }
      });
    });
  }

  /** The handler has returned: the rest of its writes is committed, when it is their turn. */
  #end(result: () => unknown): void {
    if (this.#isOver) return;
    guard(this.#parts.platform, () => this.#streams?.end(undefined));
    if (this.#streams?.isUnstored) {
      // Storage fails for the moment. Who is answered finds the whole text.
      this.#parts.platform.after(STORE_AGAIN_MS, () => this.#end(result));
      return;
    }
    const finish = (): void => {
      if (this.#isOver) return;
      const undecided = this.#moveUnderWay();
      if (undecided) void undecided.then(() => end());
      else this.#finish(this.#commit(false, result));
    };
    const end = (): void => {
      if (this.#transaction.writing) this.#inTurn(finish);
      else guard(this.#parts.platform, finish);
    };
    end();
  }

  /**
   * While its session leaves, what the session takes along may have been read already: "done" would be
   * said of something that stays behind. Once it has left, its pages know that nobody says how this ends.
   *
   * @returns what to wait for before that is asked again; `undefined`: its session is where it was, or gone
   */
  #moveUnderWay(): Promise<unknown> | undefined {
    const { platform } = this.#parts;
    const { sequence, caller } = this.#call;
    const moves = this.#parts.moves();
    if (!sequence || !moves?.isLeaving(caller)) return undefined;
    return (
      moves.underWay ??
      new Promise<void>((resolve) => {
        platform.after(MOVED_AGAIN_MS, resolve);
      })
    );
  }

  #notStored(): PersistError {
    const { committer } = this.#parts;
    return new PersistError(
      committer.key,
      `Storage did not take what "${this.name}" published; nothing of it happened. Try commit() again, or throw.`,
      { cause: committer.failure },
    );
  }

  /** It threw or took too long: what it has not published is dropped. */
  #fail(error: unknown): void {
    if (this.#isOver) return;
    guard(this.#parts.platform, () => {
      this.#streams?.end(isTimeout(error) ? "timeout" : "failed");
      // A failed write decides nothing.
      if (error instanceof PersistError) {
        const { sequence } = this.#call;
        if (sequence && !this.#answer.isPublished) this.#parts.sequences.reopen(sequence);
        this.#effects.forget();
        this.#finish({ type: "undecided" });
        return;
      }
      this.#transaction.rollback();
      const outcome = this.#commit(false, () => {
        throw error;
      });
      this.#finish(outcome);
    });
  }

  #commit(partial: boolean, run: () => unknown): Outcome {
    const { sequence } = this.#call;
    const { name } = this;
    const database = this.#database;
    const work = {
      name,
      sequence,
      transaction: this.#transaction,
      partial,
      session: sessionOf(this.#call.caller),
      mayMove: !partial && sequence !== undefined && !this.#call.isTrusted,
      database,
      effects: this.#effects,
      onSaved: (outcome: Decided) =>
        partial ? this.#answer.savedPart(outcome) : savedNews(this.#call, outcome),
      run,
    };
    const [outcome] = this.#parts.committer.commit([work]);
    if (!outcome) throw new Error("A commit came back without an outcome.");
    return outcome;
  }

  #finish(outcome: Outcome): void {
    this.#isOver = true;
    this.#stopClock();
    this.#transaction.rollback();
    const left = this.#left(outcome);
    this.#transaction.end();
    this.#answer.tellEnd(left);
    this.#parts.turn.release(this);
    this.#onOver();
  }

  /** Where it has changed the key, its session moves, and the answer comes when it has. */
  #left(outcome: Outcome): Outcome {
    const { sequence, caller } = this.#call;
    if (outcome.type !== "moving" || !sequence) return outcome;
    const moves = this.#parts.moves();
    if (moves?.holds(caller)) {
      return this.#commit(false, () => {
        throw keyChanged(this.name);
      });
    }
    if (moves?.leave(sequence, caller, outcome.move)) return outcome;
    this.#parts.sequences.reopen(sequence);
    return { type: "undecided" };
  }

  #inTurn(commit: () => void): void {
    this.#parts.turn.whenTurn(this, () => guard(this.#parts.platform, commit));
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof HoldfastError && error.code === "TIMEOUT";
}

function insideTransaction(): HoldfastError {
  return new HoldfastError(
    "DEFINITION_INVALID",
    "commit() was called inside of storage.transaction(), which could still undo it. Call it behind that.",
  );
}

function timedOut(name: string, timeout: number): HoldfastError {
  return new HoldfastError(
    "TIMEOUT",
    `"${name}" took longer than ${timeout} ms and was given up; what it had not published is undone. Raise its timeout, or do the slow part elsewhere.`,
  );
}

function keyChanged(name: string): HoldfastError {
  return new HoldfastError(
    "KEY_CHANGED",
    `Another action of this session has changed the key of the module while "${name}" ran, so this one, which would have changed it as well, did not happen.`,
  );
}

function ended(name: string): HoldfastError {
  return new HoldfastError("ENDED", `"${name}" is over: it was given up, or has returned already.`);
}
