import type { Value } from "@holdfast/protocol";
// oxlint-disable-next-line no-restricted-imports
import type { AsyncTransaction, Transaction } from "../packages/server/src/state/index.ts";
import { decodeValue, encodeValue } from "@holdfast/protocol";
import { IsolationDriver, type Oracle } from "./isolation-driver.ts";
import type { History } from "./isolation-program.ts";
import { assertSame } from "./isolation-world.ts";
import type { Tally, World } from "./isolation-world.ts";
import { runStep } from "./patches-interpreter.ts";
import type { Side } from "./patches-interpreter.ts";
import { Model } from "./patches-model.ts";
import type { Container } from "./patches-model.ts";
import { initialState } from "./patches-program.ts";
import type { Step } from "./patches-program.ts";
import { refused } from "./refused.ts";

/**
 * Handlers that do anything: fields, arrays, Maps and Sets, nodes that are held across awaits, moved
 * and removed. In serializable mode a handler's steps since its last publication are run once more,
 * on a plain model, at the moment of its commit: what comes of it has to be the same.
 */
export function runFree(
  history: History<Step>,
  serializable: boolean,
  tally: Tally | undefined,
): void {
  const initial = initialState(history.seed);
  const oracle = serializable ? new FreeOracle(initial) : new NoOracle();
  new IsolationDriver<Step, Free>(initial, oracle, serializable, tally).play(history);
}

interface Free {
  readonly tracked: Side;
  readonly model: Side | undefined;
  /** What it has done since its last publication. */
  steps: Step[];
}

/** In default mode what comes of a history is nobody's to say; what is committed is, to the world. */
class NoOracle implements Oracle<Step, Free> {
  newHandler({ state }: AsyncTransaction): Free {
    return { tracked: trackedSide(state), model: undefined, steps: [] };
  }

  run({ tracked, steps }: Free, step: Step): void {
    runStep(tracked, step);
    steps.push(step);
  }

  publish(own: Free): void {
    own.steps = [];
  }

  runSync({ state }: Transaction, steps: readonly Step[]): void {
    const side = trackedSide(state);
    for (const step of steps) runStep(side, step);
  }

  commitSync(_: readonly Step[]): void {}

  check(_when: string, _world: World): void {}
}

class FreeOracle extends NoOracle {
  readonly #model: Model;

  constructor(initial: Record<string, unknown>) {
    super();
    // An encoded object is decoded as one.
    this.#model = new Model(decodeValue(encodeValue(initial)) as Container);
  }

  override newHandler(transaction: AsyncTransaction): Free {
    return { ...super.newHandler(transaction), model: modelSide(this.#model) };
  }

  override publish(own: Free): void {
    for (const step of own.steps) if (own.model) runStep(own.model, step);
    super.publish(own);
  }

  override commitSync(steps: readonly Step[]): void {
    const side = modelSide(this.#model);
    for (const step of steps) runStep(side, step);
  }

  override check(when: string, { replica }: World): void {
    assertSame(`the state ${when}`, replica, this.#model.root as Value);
  }
}

function trackedSide(state: object): Side {
  return {
    // The root is an object.
    root: state as Container,
    held: [],
    take: (values) => [...values],
    dropped: () => undefined,
    goOn: (assign, change) => {
      assign();
      change();
    },
    refuse: refused,
  };
}

function modelSide(model: Model): Side {
  return {
    root: model.root,
    held: [],
    take: (values, container, replaced) => model.take(values, container, replaced),
    dropped: (values, container) => model.dropped(values, container),
    goOn: (assign, change) => {
      assign();
      change();
      assign();
    },
    refuse: () => undefined,
  };
}
