import type { Value } from "@holdfast/protocol";
// oxlint-disable-next-line no-restricted-imports
import type { AsyncTransaction, Transaction } from "../packages/server/src/state/index.ts";
import { decodeValue, encodeValue, HoldfastError } from "@holdfast/protocol";
import type { Event, History, Sync } from "./isolation-program.ts";
import { assertRival, assertSame, encoded, isConflict, World } from "./isolation-world.ts";
import type { Tally } from "./isolation-world.ts";
import { runStep } from "./patches-interpreter.ts";
import type { Side } from "./patches-interpreter.ts";
import { Model } from "./patches-model.ts";
import type { Container } from "./patches-model.ts";
import { initialState } from "./patches-program.ts";
import type { Step } from "./patches-program.ts";

/**
 * Handlers that do anything: fields, arrays, Maps and Sets, nodes that are held across awaits, moved
 * and removed. In serializable mode a handler's steps since its last publication are run once more,
 * on a plain model, at the moment of its commit: what comes of it has to be the same.
 */
export function runFree(
  { seed, events }: History<Step>,
  serializable: boolean,
  tally: Tally | undefined,
): void {
  const run = new FreeRun(seed, serializable, tally);
  for (const event of events) run.play(event);
  run.finish();
}

interface Handler {
  readonly transaction: AsyncTransaction;
  readonly tracked: Side;
  readonly model: Side;
  /** What it has done since its last publication. */
  steps: Step[];
  /** The last commit when it began, and when its reads began afresh. */
  readonly began: number;
  since: number;
  hasLost: boolean;
}

class FreeRun {
  readonly #world: World;
  readonly #serializable: boolean;
  readonly #handlers = new Map<number, Handler>();
  readonly #model: Model;

  constructor(seed: number, serializable: boolean, tally: Tally | undefined) {
    const initial = initialState(seed);
    this.#world = new World(initial, tally);
    this.#serializable = serializable;
    // An encoded object is decoded as one.
    this.#model = new Model(decodeValue(encodeValue(initial)) as Container);
  }

  play(event: Event<Step>): void {
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
        this.#world.assertCommitted("at a look");
        break;
    }
  }

  finish(): void {
    for (const who of this.#handlers.keys()) this.#end(who, false);
    this.#world.assertCommitted("at the end");
  }

  #step(who: number, step: Step): void {
    const handler = this.#handlers.get(who) ?? this.#begin(who);
    try {
      runStep(handler.tracked, step);
      handler.steps.push(step);
    } catch (error) {
      if (!isConflict(error)) throw error;
      this.#lose(handler, error);
    }
  }

  #begin(who: number): Handler {
    this.#world.count("handlers");
    const transaction = this.#world.tree.beginAsync({
      serializable: this.#serializable,
      onFirstWrite: () => undefined,
    });
    const handler: Handler = {
      transaction,
      tracked: trackedSide(transaction.state),
      model: modelSide(this.#model),
      steps: [],
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
      this.#world.assertCommitted("after a failed write");
      return;
    }
    if (handler.since !== this.#world.commits) this.#world.count("overtaken");
    transaction.publish();
    this.#world.deliver(text);
    this.#published(handler);
    this.#world.assertCommitted("after a handler's commit");
  }

  #published(handler: Handler): void {
    this.#world.count("published");
    if (this.#serializable) {
      for (const step of handler.steps) runStep(handler.model, step);
      assertSame("the state after a handler", this.#world.replica, this.#model.root as Value);
    }
    handler.steps = [];
    handler.since = ++this.#world.commits;
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
    this.#world.assertCommitted("after a handler's end");
  }

  #lose(handler: Handler, error: Error): void {
    if (!handler.hasLost) this.#world.count("conflicts");
    // One that it met before stays, whatever the others do.
    else return;
    handler.hasLost = true;
    assertRival(error, handler, this.#world.commits);
  }

  #batch(actions: readonly Sync<Step>[], fails: boolean): void {
    this.#world.count("batches");
    const done: { transaction: Transaction; text: string; steps: readonly Step[] }[] = [];
    for (const { steps, throws } of actions) {
      const transaction = this.#world.tree.begin();
      const side = trackedSide(transaction.state);
      for (const step of steps) runStep(side, step);
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
      if (!this.#serializable) continue;
      const model = modelSide(this.#model);
      for (const step of steps) runStep(model, step);
    }
    this.#world.assertCommitted("after a batch");
    if (this.#serializable) {
      assertSame("the state after a batch", this.#world.replica, this.#model.root as Value);
    }
  }
}

function trackedSide(state: object): Side {
  return {
    // The root is an object.
    root: state as Container,
    held: [],
    take: (values) => [...values],
    dropped: () => undefined,
    refuse,
  };
}

function modelSide(model: Model): Side {
  return {
    root: model.root,
    held: [],
    take: (values, container, replaced) => model.take(values, container, replaced),
    dropped: (values, container) => model.dropped(values, container),
    refuse: () => undefined,
  };
}

function refuse(attempt: () => void): void {
  try {
    attempt();
  } catch (error) {
    if (error instanceof HoldfastError && error.code === "VALUE_UNSUPPORTED") return;
    throw error;
  }
  throw new Error("a value that no state can hold was accepted");
}
