import type { ValueObject } from "@holdfast/protocol";
// oxlint-disable-next-line no-restricted-imports
import type { AsyncTransaction, Transaction } from "../packages/server/src/state/index.ts";
import type { Event, History, Sync } from "./isolation-program.ts";
import { assertRival, encoded, isConflict, World } from "./isolation-world.ts";
import type { Tally } from "./isolation-world.ts";

/** What the handlers of a history are made of, and who knows what has to come of them. */
export interface Oracle<Step, Own> {
  /** What a handler keeps to itself: what it has read, the nodes that it holds. */
  newHandler(transaction: AsyncTransaction): Own;
  /** A handler that has met a conflict goes on, and comes to nothing. */
  run(own: Own, step: Step, hasLost: boolean): void;
  /** What a handler has done since its last publication is committed. Throws where that is wrong. */
  publish(own: Own): void;
  runSync(transaction: Transaction, steps: readonly Step[]): void;
  commitSync(steps: readonly Step[]): void;
  /** Whether the committed state, as a replica has it, is right. */
  check(when: string, world: World): void;
}

interface Handler<Own> {
  readonly transaction: AsyncTransaction;
  readonly own: Own;
  /** The last commit when it began, and when its reads began afresh. */
  readonly began: number;
  since: number;
  hasLost: boolean;
}

/** Plays a history on a tree as the host would, and asks the oracle after each commit. */
export class IsolationDriver<Step, Own> {
  readonly #world: World;
  readonly #oracle: Oracle<Step, Own>;
  readonly #serializable: boolean;
  readonly #handlers = new Map<number, Handler<Own>>();

  constructor(
    initial: ValueObject | Record<string, unknown>,
    oracle: Oracle<Step, Own>,
    serializable: boolean,
    tally: Tally | undefined,
  ) {
    this.#world = new World(initial, tally);
    this.#oracle = oracle;
    this.#serializable = serializable;
  }

  play(history: History<Step>): void {
    for (const event of history.events) this.#play(event);
    for (const who of this.#handlers.keys()) this.#end(who, false);
    this.#check("at the end");
  }

  #play(event: Event<Step>): void {
    switch (event.do) {
      case "step":
        this.#step(event.who, event.step);
        break;
      case "commit":
        this.#commit(event.who, event.fails);
        break;
      case "end":
        this.#end(event.who, event.throws);
        break;
      case "batch":
        this.#batch(event.actions, event.fails);
        break;
      case "look":
        this.#check("at a look");
        break;
    }
  }

  #step(who: number, step: Step): void {
    const handler = this.#handlers.get(who) ?? this.#begin(who);
    try {
      this.#oracle.run(handler.own, step, handler.hasLost);
    } catch (error) {
      if (!isConflict(error)) throw error;
      this.#lose(handler, error);
    }
  }

  #begin(who: number): Handler<Own> {
    this.#world.count("handlers");
    const transaction = this.#world.tree.beginAsync({
      serializable: this.#serializable,
      onFirstWrite: () => undefined,
    });
    const handler: Handler<Own> = {
      transaction,
      own: this.#oracle.newHandler(transaction),
      began: this.#world.commits,
      since: this.#world.commits,
      hasLost: false,
    };
    this.#handlers.set(who, handler);
    return handler;
  }

  #commit(who: number, fails: boolean): void {
    const handler = this.#handlers.get(who);
    if (handler === undefined) return;
    const { transaction } = handler;
    let text: string;
    try {
      text = encoded(transaction.derive());
    } catch (error) {
      if (!isConflict(error)) throw error;
      this.#lose(handler, error);
      return;
    }
    if (handler.hasLost) throw new Error("a handler that has met a conflict was committed");
    if (fails) {
      this.#world.count("failedWrites");
      this.#check("after a failed write");
      return;
    }
    if (handler.since !== this.#world.commits) this.#world.count("overtaken");
    transaction.publish();
    this.#world.deliver(text);
    this.#world.count("published");
    this.#oracle.publish(handler.own);
    handler.since = ++this.#world.commits;
    this.#check("after a handler's commit");
  }

  #end(who: number, throws: boolean): void {
    const handler = this.#handlers.get(who);
    if (handler === undefined) return;
    if (throws) {
      this.#world.count("threw");
      handler.transaction.rollback();
    } else this.#commit(who, false);
    handler.transaction.end();
    this.#handlers.delete(who);
    this.#check("after a handler's end");
  }

  #lose(handler: Handler<Own>, error: Error): void {
    // One that it met before stays, whatever the others do.
    if (handler.hasLost) return;
    this.#world.count("conflicts");
    handler.hasLost = true;
    assertRival(error, handler, this.#world.commits);
  }

  #batch(actions: readonly Sync<Step>[], fails: boolean): void {
    this.#world.count("batches");
    const done: { transaction: Transaction; text: string; steps: readonly Step[] }[] = [];
    for (const { steps, throws } of actions) {
      const transaction = this.#world.tree.begin();
      this.#oracle.runSync(transaction, steps);
      if (throws) {
        transaction.undo();
        transaction.end();
      } else done.push({ transaction, text: encoded(transaction.derive()), steps });
    }
    for (const { transaction, text, steps } of fails ? done.toReversed() : done) {
      if (fails) transaction.undo();
      transaction.end();
      if (fails) continue;
      this.#world.deliver(text);
      this.#world.commits++;
      this.#oracle.commitSync(steps);
    }
    this.#check("after a batch");
  }

  #check(when: string): void {
    this.#world.assertCommitted(when);
    this.#oracle.check(when, this.#world);
  }
}
