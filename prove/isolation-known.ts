// oxlint-disable-next-line no-restricted-imports
import type { AsyncTransaction, Transaction } from "../packages/server/src/state/index.ts";
import { IsolationDriver, type Oracle } from "./isolation-driver.ts";
import { DefaultOracle } from "./isolation-known-oracle.ts";
import { knownState } from "./isolation-known-program.ts";
import type { Known, KnownStep } from "./isolation-known-program.ts";
import { newLocal, runKnownStep } from "./isolation-known-step.ts";
import type { Local } from "./isolation-known-step.ts";
import type { History } from "./isolation-program.ts";
import { assertSame } from "./isolation-world.ts";
import type { Tally, World } from "./isolation-world.ts";

/**
 * Handlers that keep what they read in local variables and write it back after an await. In
 * serializable mode all that a part of a handler has seen and done is the same in a serial run in
 * the order of commits; in default mode no update is lost that it has read.
 */
export function runKnown(
  history: History<KnownStep>,
  serializable: boolean,
  tally: Tally | undefined,
): void {
  const oracle = serializable ? new SerialOracle() : new LostUpdateOracle();
  new IsolationDriver<KnownStep, Reader>({ ...knownState() }, oracle, serializable, tally).play(
    history,
  );
}

interface Reader {
  readonly state: Known;
  readonly local: Local;
  /** The same on plain data, as of its last publication. */
  readonly plain: Local;
  steps: { readonly step: KnownStep; readonly seen: unknown }[];
  oracle: DefaultOracle;
}

/** What a handler writes over, it has read as it is: it is found with plain data beside it. */
class LostUpdateOracle implements Oracle<KnownStep, Reader> {
  readonly plain: Known = knownState();

  newHandler(transaction: AsyncTransaction): Reader {
    return {
      state: stateOf(transaction),
      local: newLocal(),
      plain: newLocal(),
      steps: [],
      oracle: new DefaultOracle(this.plain),
    };
  }

  run(own: Reader, step: KnownStep, hasLost: boolean): void {
    const before = remembered(own.local);
    const seen = plain(runKnownStep(own.state, own.local, step));
    own.steps.push({ step, seen });
    if (!hasLost) own.oracle.note(step, seen, before, own.local);
  }

  publish(own: Reader): void {
    own.oracle.commit();
    own.steps = [];
    own.oracle = new DefaultOracle(this.plain);
  }

  runSync(transaction: Transaction, steps: readonly KnownStep[]): void {
    runAll(stateOf(transaction), steps);
  }

  commitSync(steps: readonly KnownStep[]): void {
    runAll(this.plain, steps);
  }

  check(when: string, { replica }: World): void {
    assertSame(`the state ${when}`, replica, this.plain);
  }
}

/** All that a handler has seen, it sees again in a serial run in the order of commits. */
class SerialOracle extends LostUpdateOracle {
  override run(own: Reader, step: KnownStep): void {
    own.steps.push({ step, seen: plain(runKnownStep(own.state, own.local, step)) });
  }

  override publish(own: Reader): void {
    for (const { step, seen } of own.steps) {
      const again = plain(runKnownStep(this.plain, own.plain, step));
      assertSame(`what a handler has seen at ${JSON.stringify(step)}`, seen, again);
    }
    own.steps = [];
  }
}

function runAll(state: Known, steps: readonly KnownStep[]): void {
  const local = newLocal();
  for (const step of steps) runKnownStep(state, local, step);
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
