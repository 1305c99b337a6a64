import {
  applyPatches,
  canonicalEncode,
  decodeServerFrame,
  decodeValue,
  encodeMessage,
  encodeValue,
  type Patch,
  replayPatches,
  type Value,
  type ValueObject,
} from "@holdfast/protocol";
// The tracker is no public API, and a proof is of the tracker itself.
// oxlint-disable-next-line no-restricted-imports
import { StateTree, type Transaction, unwrap } from "../packages/server/src/state/index.ts";
import { runStep } from "./patches-interpreter.ts";
import type { Side } from "./patches-interpreter.ts";
import { childrenOf, isContainer, Model } from "./patches-model.ts";
import type { Container } from "./patches-model.ts";
import { initialState, randomProgram } from "./patches-program.ts";
import type { Action, Program } from "./patches-program.ts";
import { refused } from "./refused.ts";
import { sameValue } from "./same-value.ts";
import type { ProofOptions, ProofReport } from "./report.ts";

/**
 * Bytes that patches may cost beyond a replacement of the whole state: 128 that the derivation pays
 * so that untouched parts keep their identity for clients, the rest because it only estimates.
 */
const SLACK_BYTES = 192;

/** Programs of which one also compares canonical encodings. */
const CANONICAL_EVERY = 4;

/** Failures that are worth shrinking and printing. */
const SHOWN_FAILURES = 3;

interface Tally {
  actions: number;
  commits: number;
  unchanged: number;
  failed: number;
  patches: number;
  bytes: number;
  wholeBytes: number;
}

/**
 * Random programs on tracked state, each also run on a plain model that knows nothing of proxies,
 * logs or patches. After every action the tree equals the model; the patches, encoded and decoded,
 * turn a replica into the same, by both ways of applying them; no change means no patch; and undo
 * and redo, over whole batches, give back the very same nodes in the very same order.
 */
export async function patches(options: ProofOptions): Promise<ProofReport> {
  const tally: Tally = {
    actions: 0,
    commits: 0,
    unchanged: 0,
    failed: 0,
    patches: 0,
    bytes: 0,
    wholeBytes: 0,
  };
  const failures: string[] = [];
  for (let n = 0; n < options.n && failures.length < SHOWN_FAILURES; n++) {
    const program = randomProgram(options.seed + n);
    const problem = problemOf(program, tally);
    if (problem !== undefined) failures.push(describe(shrink(program), problem, options.seed + n));
    if (n % 10_000 === 9_999) options.progress(`${n + 1} programs`);
  }
  return {
    name: "patches",
    passed: failures.length === 0,
    figures: {
      actions: tally.actions,
      "changed the state": tally.commits,
      "changed nothing": tally.unchanged,
      "failed and were undone": tally.failed,
      "patches per change": (tally.patches / tally.commits).toFixed(2),
      "bytes of patches per change": (tally.bytes / tally.commits).toFixed(0),
      "bytes of the state": (tally.wholeBytes / tally.commits).toFixed(0),
      differences: failures.length,
    },
    failures,
  };
}

/** What went wrong, if anything. */
function problemOf(program: Program, tally?: Tally): string | undefined {
  try {
    new Run(program, tally).all();
    return undefined;
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}

/** Leaves out whatever the failure does not need. */
function shrink(program: Program): Program {
  let smallest = program;
  for (;;) {
    const smaller = reductions(smallest).find((candidate) => problemOf(candidate) !== undefined);
    if (smaller === undefined) return smallest;
    smallest = smaller;
  }
}

function reductions({ seed, batches }: Program): Program[] {
  const without = <T>(list: readonly T[], at: number): T[] => list.toSpliced(at, 1);
  const withBatch = (at: number, batch: readonly Action[]): Program => ({
    seed,
    batches: batches.with(at, batch),
  });
  return batches.flatMap((batch, at) => [
    { seed, batches: without(batches, at) },
    ...batch.flatMap((action, place) => [
      withBatch(at, without(batch, place)),
      ...action.steps.map((_, step) =>
        withBatch(at, batch.with(place, { ...action, steps: without(action.steps, step) })),
      ),
    ]),
  ]);
}

function describe(program: Program, problem: string, seed: number): string {
  return [
    `${problem}`,
    `seed ${seed}: npm run prove -- patches --n 1 --seed ${seed}`,
    `initial state ${encodeValue(initialState(program.seed))}`,
    ...program.batches.map((batch) => JSON.stringify(batch)),
  ].join("\n    ");
}

/** One program, on both sides. */
class Run {
  readonly #program: Program;
  readonly #tally: Tally | undefined;
  readonly #tree: StateTree;
  #model: Model;
  /** Two replicas, one for each way of applying patches. */
  #shared: Value;
  #owned: Value;

  constructor(program: Program, tally: Tally | undefined) {
    const text = encodeValue(initialState(program.seed));
    this.#program = program;
    this.#tally = tally;
    // An encoded object is decoded as one.
    this.#tree = new StateTree(decodeValue(text) as ValueObject);
    this.#model = new Model(decodeValue(text) as Container);
    this.#shared = decodeValue(text);
    this.#owned = decodeValue(text);
  }

  all(): void {
    for (const batch of this.#program.batches) this.#batch(batch);
  }

  /** Like the host: the actions of one batch, then a durable write that fails at first. */
  #batch(actions: readonly Action[]): void {
    const done: { transaction: Transaction; before: Image; after: Image }[] = [];
    let before = this.#image();
    for (const action of actions) {
      const transaction = this.#tree.begin();
      const after = this.#run(action, transaction, before);
      if (after === undefined) continue;
      done.push({ transaction, before, after });
      before = after;
    }
    for (const { transaction, before } of done.toReversed()) {
      transaction.undo();
      this.#assertSame("undo gives back", before);
    }
    for (const { transaction, after } of done) {
      transaction.redo();
      this.#assertSame("redo gives back", after);
    }
  }

  /** Taken between actions, when the replica, which never changes in place, has the same value. */
  #image(): Image {
    const { root } = this.#tree;
    // The root of a state is an object.
    return { value: this.#shared, nodes: nodesOf(root as Container) };
  }

  #assertSame(what: string, image: Image): void {
    assertEqual(what, this.#tree.root, image.value);
    const nodes = new Set(nodesOf(this.#tree.root as Container));
    if (nodes.size === image.nodes.length && image.nodes.every((node) => nodes.has(node))) return;
    throw new Error(`${what} an equal state, but not the same nodes`);
  }

  /** The state after it, if the action was committed. */
  #run(action: Action, transaction: Transaction, before: Image): Image | undefined {
    const tracked: Side = {
      // The root is an object.
      root: transaction.state as Container,
      held: [],
      take: (values) => [...values],
      dropped: () => undefined,
      goOn: (assign, change) => {
        assign();
        change();
      },
      refuse: refused,
    };
    const model: Side = {
      root: this.#model.root,
      held: [],
      take: (values, container, replaced) => this.#model.take(values, container, replaced),
      dropped: (values, container) => this.#model.dropped(values, container),
      goOn: (assign, change) => {
        assign();
        change();
        assign();
      },
      refuse: () => undefined,
    };
    for (const step of action.steps) {
      runStep(tracked, step);
      runStep(model, step);
    }
    assertEqual("what the action sees", unwrap(tracked.root), model.root);
    // What it holds may be detached: still the same on both sides.
    for (const [at, held] of tracked.held.entries()) {
      if (isContainer(held))
        assertEqual(`what the action holds (${at})`, unwrap(held), model.held[at]);
    }
    if (this.#tally) this.#tally.actions++;
    const after = action.fails
      ? this.#fail(transaction, before)
      : this.#commit(transaction, before);
    transaction.end();
    return after;
  }

  #fail(transaction: Transaction, before: Image): undefined {
    if (this.#tally) this.#tally.failed++;
    transaction.undo();
    this.#assertSame("a failed action leaves", before);
    // The same value in the same order of keys; that it is the same was just found.
    this.#model = new Model(decodeValue(encodeValue(this.#tree.root)) as Container);
  }

  #commit(transaction: Transaction, before: Image): Image {
    const derived = transaction.derive();
    const { root } = this.#tree;
    const model = this.#model.root;
    const text = encoded(derived);
    this.#shared = applyPatches(this.#shared, transmitted(text));
    this.#owned = replayPatches(this.#owned, transmitted(text));
    const after = this.#image();
    assertEqual("the tree", root, model);
    // The encoding that states are hashed by must agree with the comparison; it takes longer.
    if (
      this.#program.seed % CANONICAL_EVERY === 0 &&
      canonicalEncode(root) !== canonicalEncode(model)
    ) {
      throw new Error("equal states have different canonical encodings");
    }
    assertEqual("a replica", this.#shared, model);
    assertEqual("a replayed replica", this.#owned, model);
    if (new Set(after.nodes).size !== after.nodes.length) {
      throw new Error("a node stands at two places of the tree");
    }
    if (derived.length > 0 && sameValue(before.value, after.value)) {
      throw new Error(`nothing changed, but there are patches: ${text}`);
    }
    const whole = encoded([{ op: "replace", path: [], value: root }]).length;
    if (text.length > whole + SLACK_BYTES) {
      throw new Error(`patches of ${text.length} bytes where the state has ${whole}: ${text}`);
    }
    if (this.#tally && derived.length === 0) this.#tally.unchanged++;
    else if (this.#tally) {
      this.#tally.commits++;
      this.#tally.patches += derived.length;
      this.#tally.bytes += text.length;
      this.#tally.wholeBytes += whole;
    }
    return after;
  }
}

/** A state as it was: its value, and its very nodes. */
interface Image {
  readonly value: Value;
  readonly nodes: readonly unknown[];
}

function nodesOf(node: Container, nodes: unknown[] = []): unknown[] {
  nodes.push(node);
  for (const child of childrenOf(node)) nodesOf(child, nodes);
  return nodes;
}

function assertEqual(what: string, found: unknown, expected: unknown): void {
  if (sameValue(found, expected)) return;
  throw new Error(
    `${what} differs from the model\n    expected ${canonicalEncode(expected)}` +
      `\n    found    ${canonicalEncode(found)}`,
  );
}

/** The patches as they arrive at the other end. */
function transmitted(text: string): readonly Patch[] {
  const [message] = decodeServerFrame(text);
  if (message?.type !== "commit") throw new Error("a commit came back as something else");
  return message.patches;
}

function encoded(derived: readonly Patch[]): string {
  return encodeMessage({ type: "commit", version: 1, mark: "aaaaaa", patches: derived });
}
