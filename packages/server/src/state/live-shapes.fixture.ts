/**
 * Run by a test with `--expose-gc --trace-deopt`: actions, a major collection between them and no
 * action under way, again and again.
 */
import { StateTree } from "./state-tree.ts";

const ROUNDS = 8;
const ACTIONS = 1_000;

const tree = new StateTree({
  count: 0,
  deep: { place: { n: 0 } },
  items: [{ n: 1 }, { n: 2 }],
  map: new Map([["key", 0]]),
  set: new Set(["member"]),
});

interface State {
  count: number;
  deep: { place: { n: number } };
  items: { n: number }[];
  map: Map<string, number>;
  set: Set<string>;
}

function change(state: State): void {
  state.count++;
  state.deep.place.n++;
  state.items.push({ n: state.count });
  state.items = state.items.filter(({ n }) => n > state.count - 5);
  state.map.set("key", state.count);
  state.map.delete("key");
  state.set.clear();
  state.set.add("member");
}

function actSynchronously(): void {
  const transaction = tree.begin();
  // True because that is what the tree holds.
  change(transaction.state as State);
  transaction.derive();
  transaction.end();
}

function actAsynchronously(): void {
  const transaction = tree.beginAsync({ serializable: false, onFirstWrite: () => undefined });
  // True as above.
  change(transaction.state as State);
  transaction.derive();
  transaction.publish();
  transaction.end();
}

// True because the test asks for it.
const collect = (globalThis as unknown as { gc: () => void }).gc;
for (let round = 0; round < ROUNDS; round++) {
  for (let action = 0; action < ACTIONS; action++) actSynchronously();
  for (let action = 0; action < ACTIONS / 2; action++) actAsynchronously();
  collect();
}
