import { encodeAnswer, HoldfastError } from "@holdfast/protocol";
import { AsyncAction } from "./async-action.ts";
import type { Call } from "./call.ts";
import type { Work } from "./commit.ts";
import { createContext } from "./context.ts";
import { busyText } from "./intake.ts";
import { createSql } from "./sql.ts";
import type { KeyMove } from "./move/key-watch.ts";
import type { Sequence } from "./sequences.ts";
import type { News } from "./news.ts";
import type { RunnerParts } from "./runner-parts.ts";

/**
 * Runs actions when it is their turn: synchronous ones that follow each other share one durable
 * write; an asynchronous one starts on what is durable, and goes its own way.
 */
export class Runner {
  readonly #parts: RunnerParts;
  readonly #running = new Set<Promise<void>>();
  /** The asynchronous actions that have begun and are not over. */
  readonly #started = new Set<Sequence>();

  constructor(parts: RunnerParts) {
    this.#parts = parts;
  }

  /** Resolves when the asynchronous actions under way are over; `undefined` without any. */
  get running(): Promise<unknown> | undefined {
    return this.#running.size > 0 ? Promise.all(this.#running) : undefined;
  }

  /** The sequences of a client whose asynchronous actions have begun and are not over. */
  started(principal: string, client: string): number[] {
    return [...this.#started]
      .filter((one) => one.client === client && one.principal === principal)
      .map(({ seq }) => seq);
  }

  /** Runs the calls of one frame, or has them wait for their turn. */
  run(calls: readonly Call[]): void {
    let batch: Call[] = [];
    for (const call of calls) {
      if (call.definition?.async) {
        this.#whenFree(batch);
        batch = [];
        this.#start(call);
      } else {
        batch.push(call);
      }
    }
    this.#whenFree(batch);
  }

  #whenFree(batch: readonly Call[]): void {
    if (batch.length > 0) this.#parts.turn.whenFree(() => this.#commit(batch));
  }

  #commit(batch: readonly Call[]): void {
    const { committer, tell } = this.#parts;
    const news: News[] = [];
    const stopped = new Set<string>();
    const calls = batch.filter((call) => this.#follows(call, (text) => news.push(text)));
    const outcomes = committer.commit(calls.map((call) => this.#work(call)));
    for (const [index, call] of calls.entries()) {
      const { sequence } = call;
      const { client, seq } = sequence;
      const outcome = outcomes[index];
      if (outcome?.type === "moving" && this.#leave(call, outcome.move)) {
        // Those of its client behind it are asked for again.
        continue;
      }
      if (outcome?.type === "decided") {
        if (outcome.commit !== undefined) news.push({ type: "commit", text: outcome.commit });
        const text = encodeAnswer(client, seq, outcome.answer);
        news.push({ type: "answer", sequence, text });
      } else if (!stopped.has(client)) {
        stopped.add(client);
        news.push({ type: "answer", sequence, text: busyText(client, seq) });
      }
    }
    tell(news);
  }

  #start(call: Call): void {
    const running = new Promise<void>((over) => {
      this.#parts.turn.whenFree(() => {
        if (!this.#follows(call, (text) => this.#parts.tell([text]))) {
          over();
          return;
        }
        const { sequence } = call;
        this.#started.add(sequence);
        new AsyncAction(this.#parts, call, () => {
          this.#started.delete(sequence);
          over();
        }).start();
      });
    }).then(() => void this.#running.delete(running));
    this.#running.add(running);
  }

  /**
   * False for a call behind one that nothing was decided about, and for one whose session moves: its
   * client sends it again.
   */
  #follows({ sequence, caller }: Call, tell: (news: News) => void): boolean {
    const { sequences, moves } = this.#parts;
    const isFollowing = sequences.follows(sequence);
    if (isFollowing && !moves()?.holds(caller)) return true;
    sequences.reopen(sequence);
    // Those behind it are told by this.
    if (isFollowing)
      tell({ type: "answer", sequence, text: busyText(sequence.client, sequence.seq) });
    return false;
  }

  /** @returns false when nothing is decided about the call */
  #leave(call: Call, move: KeyMove): boolean {
    if (this.#parts.moves()?.leave(call, move)) return true;
    this.#parts.sequences.reopen(call.sequence);
    return false;
  }

  #work({ action, sequence, caller, definition }: Call): Work {
    const { name, payload } = action;
    const { env, instance, platform, sql } = this.#parts;
    const savepoint = definition?.sql === true;
    const database = { used: false };
    return {
      name,
      sequence,
      mayMove: true,
      savepoint,
      database,
      run: (state) => {
        if (!definition) throw unknownAction(name);
        const context = createContext({
          state,
          caller,
          env,
          instance,
          sequence,
          now: platform.now(),
          commit: () => refuseCommit(name),
          sql: () => {
            if (!savepoint) refuseSql(name);
            return createSql(sql, () => void (database.used = true));
          },
        });
        return definition.handler(context, payload);
      },
    };
  }
}

function unknownAction(name: string): HoldfastError {
  return new HoldfastError(
    "UNKNOWN_ACTION",
    `There is no action "${name}". The page may be newer or older than the server; reload it.`,
  );
}

function refuseSql(name: string): never {
  throw new HoldfastError(
    "DEFINITION_INVALID",
    `"${name}" uses sql, and its own code does not say so: what it writes could not be undone with it. Define it with { sql: true }.`,
  );
}

function refuseCommit(name: string): never {
  throw new HoldfastError(
    "DEFINITION_INVALID",
    `"${name}" is synchronous: all of its changes are one commit, made when it returns. Define it as an async function to publish parts with commit().`,
  );
}
