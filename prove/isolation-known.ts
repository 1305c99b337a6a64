// oxlint-disable-next-line no-restricted-imports
import type { AsyncTransaction, Transaction } from "../packages/server/src/state/index.ts";
import { DefaultOracle } from "./isolation-known-oracle.ts";
import { knownState } from "./isolation-known-program.ts";
import type { Known, KnownStep } from "./isolation-known-program.ts";
import { newLocal, runKnownStep } from "./isolation-known-step.ts";
import type { Local } from "./isolation-known-step.ts";
import type { Event, History, Sync } from "./isolation-program.ts";
import { assertRival, assertSame, encoded, isConflict, World } from "./isolation-world.ts";
import type { Tally } from "./isolation-world.ts";

/**
 * Handlers that keep what they read in local variables and write it back after an await. In
 * serializable mode all that a part of a handler has seen and done is the same in a serial run in
 * the order of commits; in default mode no update is lost that it has read.
 */
export function runKnown(
  { events }: History<KnownStep>,
  serializable: boolean,
  tally: Tally | undefined,
): void {
  const run = new KnownRun(serializable, tally);
  for (const event of events) run.play(event);
  run.finish();
}

interface Handler {
  readonly transaction: AsyncTransaction;
  readonly local: Local;
  /** The same on plain data, as of its last publication. */
  readonly plain: Local;
  steps: { readonly step: KnownStep; readonly seen: unknown }[];
  oracle: DefaultOracle;
  readonly began: number;
  since: number;
  hasLost: boolean;
}

class KnownRun {
  readonly #world: World;
  readonly #serializable: boolean;
  readonly #plain: Known = knownState();
  readonly #handlers = new Map<number, Handler>();

  constructor(serializable: boolean, tally: Tally | undefined) {
    this.#world = new World({ ...knownState() }, tally);
    this.#serializable = serializable;
  }

  play(event: Event<KnownStep>): void {
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
        this.#assertSame("at a look");
        break;
    }
  }

  finish(): void {
    for (const who of this.#handlers.keys()) this.#end(who, false);
    this.#assertSame("at the end");
  }

  #step(who: number, step: KnownStep): void {
    const handler = this.#handlers.get(who) ?? this.#begin(who);
    const before = remembered(handler.local);
    try {
      const seen = plain(runKnownStep(stateOf(handler.transaction), handler.local, step));
      handler.steps.push({ step, seen });
      if (handler.hasLost || this.#serializable) return;
      handler.oracle.note(step, seen, before, handler.local);
    } catch (error) {
      if (!isConflict(error)) throw error;
      this.#lose(handler, error);
    }
  }

  #begin(who: number): Handler {
    this.#world.count("handlers");
    const handler: Handler = {
      transaction: this.#world.tree.beginAsync({
        serializable: this.#serializable,
        onFirstWrite: () => undefined,
      }),
      local: newLocal(),
      plain: newLocal(),
      steps: [],
      oracle: new DefaultOracle(this.#plain),
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
      this.#assertSame("after a failed write");
      return;
    }
    if (handler.since !== this.#world.commits) this.#world.count("overtaken");
    transaction.publish();
    this.#world.deliver(text);
    this.#world.count("published");
    this.#runSerially(handler);
    handler.steps = [];
    handler.oracle = new DefaultOracle(this.#plain);
    handler.since = ++this.#world.commits;
    this.#assertSame("after a handler's commit");
  }

  #runSerially(handler: Handler): void {
    if (!this.#serializable) {
      handler.oracle.commit();
      return;
    }
    for (const { step, seen } of handler.steps) {
      const again = plain(runKnownStep(this.#plain, handler.plain, step));
      assertSame(`what a handler has seen at ${JSON.stringify(step)}`, seen, again);
    }
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
    this.#assertSame("after a handler's end");
  }

  #lose(handler: Handler, error: Error): void {
    if (!handler.hasLost) this.#world.count("conflicts");
    // One that it met before stays, whatever the others do.
    else return;
    handler.hasLost = true;
    assertRival(error, handler, this.#world.commits);
  }

  #batch(actions: readonly Sync<KnownStep>[], fails: boolean): void {
    this.#world.count("batches");
    const done: { transaction: Transaction; text: string; steps: readonly KnownStep[] }[] = [];
    for (const { steps, throws } of actions) {
      const transaction = this.#world.tree.begin();
      const local = newLocal();
      for (const step of steps) runKnownStep(stateOf(transaction), local, step);
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
      const local = newLocal();
      for (const step of steps) runKnownStep(this.#plain, local, step);
    }
    this.#assertSame("after a batch");
  }

  #assertSame(when: string): void {
    this.#world.assertCommitted(when);
    assertSame(`the state ${when}`, this.#world.replica, this.#plain);
  }
}

function stateOf(transaction: AsyncTransaction | Transaction): Known {
  // True because the tree was made of such a state, and steps keep its shape.
  return transaction.state as Known;
}

function remembered(local: Local): Local {
  const due = local.due && new Date(local.due);
  return { ...local, cells: new Map(local.cells), entries: new Map(local.entries), due };
}

/** What was seen, apart from where it was seen. */
function plain(seen: unknown): unknown {
  return Array.isArray(seen) ? [...seen] : seen;
}
