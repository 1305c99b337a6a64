import { type Mutant, mutantsFor } from "./mutant.ts";

const mutant = mutantsFor("isolation");

const ISOLATION = "packages/server/src/state/isolation/isolation.ts";
const REPLAY = "packages/server/src/state/isolation/replay.ts";
const OBJECTS = "packages/server/src/state/isolation/isolated-object-handler.ts";
const TREE = "packages/server/src/state/state-tree.ts";
const UNDO_LOG = "packages/server/src/state/log/undo-log.ts";
const STANDING = "packages/server/src/state/isolation/standing.ts";
const IN_ORDER = "packages/server/src/state/in-order.ts";
const TURN = "packages/server/src/host/turn.ts";
const ASYNC_ACTION = "packages/server/src/host/async-action.ts";
const COMMITS = "packages/server/src/state/isolation/commits.ts";

/** Bugs of isolation across await: histories of handlers have to find each of them. */
export const ISOLATION_MUTANTS: readonly Mutant[] = [
  mutant("read log ignored", {
    file: ISOLATION,
    find: "const problem = staleWriteProblem(this, write);",
    replace: "const problem = Math.random() < 2 ? undefined : staleWriteProblem(this, write);",
  }),
  mutant("what a handler does to a value that it has assigned is lost at its commit", {
    file: "packages/server/src/state/async-transaction.ts",
    find: "    this.#assigned.settle();\n",
    replace: "",
  }),
  mutant("same-value write elided", {
    file: OBJECTS,
    find: 'if (log.runs === before && typeof key === "string") this.#scope.touch(node, key);',
    replace: "",
  }),
  mutant("redo order wrong", {
    file: ISOLATION,
    find: "for (const write of writes) {\n      const problem",
    replace: "for (const write of writes.toReversed()) {\n      const problem",
  }),
  mutant("undo not reversed", {
    file: UNDO_LOG,
    find: "for (let at = this.writes.length - 1; at >= 0; at--) this.writes[at]?.undo(this.#disorder);",
    replace: "for (const write of this.writes) write.undo(this.#disorder);",
  }),
  mutant("removed node written", {
    file: STANDING,
    find: "return top !== this.#root && this.#commits.isRemovedByOthers(top, this.#reader);",
    replace: "return Math.random() > 2 && this.#commits.isRemovedByOthers(top, this.#reader);",
  }),
  mutant("conflict at commit unchecked", {
    file: ISOLATION,
    find: "if (this.#conflict !== undefined) throw this.#conflict;",
    replace: "",
  }),
  mutant("before not captured again", {
    file: REPLAY,
    find: "if (!sameRead(now, before)) return overwritten(node, key);",
    replace: "if (Math.random() < 2) return write;",
  }),
  mutant("unfinished writes in a snapshot", {
    file: TREE,
    find: "committed(): ValueObject {\n    this.#applied.guest?.withdraw();",
    replace: "committed(): ValueObject {",
  }),
  mutant("synchronous action on unfinished writes", {
    file: TREE,
    find: "TransactionOptions = {}): Transaction {\n    this.#applied.guest?.withdraw();",
    replace: "TransactionOptions = {}): Transaction {",
  }),
  mutant("reads not validated in serializable mode", {
    file: ISOLATION,
    find: "if (this.commits.count === this.#since) return;",
    replace: "if (this.commits.count === this.#since || Math.random() < 2) return;",
  }),
  mutant("push put back at the index it had", {
    file: REPLAY,
    find: "return new SpliceWrite(node, write.index + offset, write.removed, write.inserted);",
    replace: "return write;",
  }),
  mutant("others' changes in what was taken out are lost", {
    file: ISOLATION,
    find: "if (lost !== undefined) this.#conflict = overwritten(lost);",
    replace: "",
  }),
  mutant("removal of what was read and has changed", {
    file: ISOLATION,
    find: "this.#assertNothingLost(takenOut(write));",
    replace: "",
  }),
  mutant("removal not told to handlers that hold the node", {
    file: COMMITS,
    find: "if (metaOf(node)?.parent === undefined) this.#removed.set(node, author);",
    replace: "",
  }),
  mutant("a copy's home forgotten", {
    file: ISOLATION,
    find: "this.#keepHomes(write);\n  }\n\n  #keepCopy",
    replace: "}\n\n  #keepCopy",
  }),
  mutant("what took whose place forgotten", {
    file: COMMITS,
    find: "this.successions.record(writes, number);",
    replace: "",
  }),
  mutant("entries left at the end after an undo", {
    file: IN_ORDER,
    find: "if (order === undefined || !order.isDisturbed) return node;",
    replace: "if (order === undefined || Math.random() < 2) return node;",
  }),
  mutant("turn not released by commit()", {
    file: ASYNC_ACTION,
    find: "this.#parts.turn.release(this);\n          resolve(this.#parts.platform.durable?.());",
    replace: "resolve();",
  }),
  mutant("turn not passed on to who wrote next", {
    file: TURN,
    find: "if (!this.#overdue.has(writer) || this.#isParked(writer)) return writer;",
    replace: "if (this.#isParked(writer)) return writer;",
  }),
  mutant("commits in the order of ends", {
    file: ASYNC_ACTION,
    find: "this.#parts.turn.whenTurn(this, () => guard(this.#parts.platform, commit));",
    replace: "guard(this.#parts.platform, commit);",
  }),
];
