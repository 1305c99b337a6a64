import { encodeAnswer, HoldfastError } from "@holdfast/protocol";
import { AsyncAction } from "./async-action.ts";
import type { ActionCall, Call, PatchCall } from "./call.ts";
import type { Work } from "./run.ts";
import { checkInput } from "./check-input.ts";
import { refusePatch } from "./client-patches.ts";
import { Context } from "./context.ts";
import { Effects } from "./effects.ts";
import { busyText } from "./intake.ts";
import type { SqlPort } from "../storage/sql-port.ts";
import type { ConnectionIdentity } from "./connection.ts";
import type { KeyMove } from "./move/key-watch.ts";
import { sessionOf } from "./server-identity.ts";
import type { Sequence } from "./sequences.ts";
import type { News } from "./news.ts";
import type { RunnerParts } from "./runner-parts.ts";
import { savedNews } from "./saved-news.ts";

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

  /** Runs the calls of one event, or has them wait for their turn. */
  run(calls: readonly Call[]): void {
    let batch: Call[] = [];
    for (const call of calls) {
      if (call.type === "action" && call.definition?.async) {
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
    const { committer, line, tell } = this.#parts;
    const news: News[] = [];
    const calls = batch.filter((call) => this.#follows(call, (one) => news.push(one)));
    const outcomes = committer.commit(calls.map((call) => this.#work(call)));
    const stopped: Sequence[] = [];
    let isLineMoved = false;
    for (const [index, call] of calls.entries()) {
      const { type, sequence } = call;
      const outcome = outcomes[index];
      // Its answer comes when the session has moved.
      if (outcome?.type === "moving" && this.#leave(call, outcome.move)) continue;
      if (outcome?.type === "stale") isLineMoved = true;
      if (outcome?.type === "stale" || outcome?.type === "void" || outcome?.type === "unsaved") {
        continue;
      }
      if (outcome?.type === "decided") {
        if (type === "patch") {
          line.leave(sequence);
          isLineMoved = true;
        }
        if (outcome.commit !== undefined) news.push({ type: "commit", text: outcome.commit });
        news.push(...outcome.news);
        if (!sequence) continue;
        const text = encodeAnswer(sequence.client, sequence.seq, outcome.answer);
        news.push({ type: "answer", sequence, text });
      } else if (sequence && !stopped.some((one) => isSameClient(one, sequence))) {
        stopped.push(sequence);
        const text = busyText(sequence.client, sequence.seq);
        news.push({ type: "answer", sequence, text });
      }
    }
    tell(news);
    // Behind the commits: who is asked to make patches again has the state to make them on.
    if (isLineMoved) line.proceed();
    for (const [index, call] of calls.entries()) {
      const outcome = outcomes[index];
      if (call.type === "patch" || outcome?.type === "unsaved") continue;
      call.onAnswer?.(outcome?.type === "decided" ? outcome.answer : undefined);
    }
  }

  #start(call: ActionCall): void {
    const running = new Promise<void>((over) => {
      this.#parts.turn.whenFree(() => {
        if (!this.#follows(call, (one) => this.#parts.tell([one]))) {
          over();
          return;
        }
        const { sequence } = call;
        if (sequence) this.#started.add(sequence);
        new AsyncAction(this.#parts, call, () => {
          if (sequence) this.#started.delete(sequence);
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
  #follows(call: Call, tell: (news: News) => void): boolean {
    const { sequences, moves } = this.#parts;
    const { sequence } = call;
    if (!sequence) return true;
    const order = sequences.orderOf(sequence);
    if (order === "following" && !moves()?.holds(callerOf(call))) return true;
    sequences.reopen(sequence);
    if (order !== "gap") {
      tell({ type: "answer", sequence, text: busyText(sequence.client, sequence.seq) });
    }
    if (call.type === "action") call.onAnswer?.(undefined);
    return false;
  }

  /** @returns false when nothing is decided about the call */
  #leave(call: Call, move: KeyMove): boolean {
    const { moves, sequences } = this.#parts;
    const { sequence } = call;
    if (!sequence || moves()?.leave(sequence, callerOf(call), move)) return true;
    sequences.reopen(sequence);
    return false;
  }

  #work(call: Call): Work {
    return call.type === "patch" ? this.#patchWork(call) : this.#actionWork(call);
  }

  #patchWork({ patch, sequence, connection }: PatchCall): Work {
    const { authority, patches } = this.#parts;
    return {
      name: "update",
      sequence,
      isPatch: true,
      session: connection.meta.session,
      run: (state) => {
        if (!patches) refusePatch();
        authority.patch(connection.meta, state);
        patches.run(state, patch, sequence, connection);
      },
    };
  }

  #actionWork(call: ActionCall): Work {
    const { action, sequence, caller, definition, isTrusted } = call;
    const { name } = action;
    const { authority, sql, streams, limits } = this.#parts;
    const effects = call.effects ?? new Effects(limits);
    const savepoint = definition?.sql === true;
    const database = { written: false };
    const onWrite = (): void => void (database.written = true);
    const checkedSql = (): SqlPort => {
      if (!savepoint) refuseSql(name);
      return sql;
    };
    return {
      name,
      sequence,
      session: sessionOf(caller),
      mayMove: sequence !== undefined && !isTrusted,
      savepoint,
      database,
      effects,
      onSaved: (outcome) => savedNews(call, outcome),
      run: (state) => {
        if (!definition) throw unknownAction(name);
        // What it asked for when it was tried before is undone with the rest.
        effects.clear();
        const payload = checkInput(name, definition, action.payload);
        if (!isTrusted) authority.action(caller, { name, definition, payload }, state);
        const context = new Context(this.#parts, call, {
          async: false,
          state,
          effects,
          streams,
          database: checkedSql,
          onWrite,
          commit: () => refuseCommit(name),
        });
        return definition.handler(context, payload);
      },
    };
  }
}

function isSameClient(one: Sequence, other: Sequence): boolean {
  return one.client === other.client && one.principal === other.principal;
}

function callerOf(call: Call): ConnectionIdentity {
  return call.type === "patch" ? call.connection.meta : call.caller;
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
    `"${name}" uses its database, and its own code does not say so: what it writes could not be undone with it. Define it with { sql: true }.`,
  );
}

function refuseCommit(name: string): never {
  throw new HoldfastError(
    "DEFINITION_INVALID",
    `"${name}" is synchronous: all of its changes are one commit, made when it returns. Define it as an async function to publish parts with commit().`,
  );
}
