import type { Mutant } from "./mutant-list.ts";

const ISOLATION = "packages/server/src/state/isolation/isolation.ts";
const REPLAY = "packages/server/src/state/isolation/replay.ts";
const OBJECTS = "packages/server/src/state/isolation/isolated-object-handler.ts";
const TREE = "packages/server/src/state/state-tree.ts";
const UNDO_LOG = "packages/server/src/state/log/undo-log.ts";
const COMMITS = "packages/server/src/state/isolation/commits.ts";

/** Bugs of isolation across await: histories of handlers have to find each of them. */
export const ISOLATION_MUTANTS: readonly Mutant[] = [
  mutant("read log ignored", {
    file: ISOLATION,
    find: "const problem = staleWriteProblem(this, write);",
    replace: "const problem = Math.random() < 2 ? undefined : staleWriteProblem(this, write);",
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
    find: "for (let at = this.writes.length - 1; at >= 0; at--) this.writes[at]?.undo(disordered);",
    replace: "for (const write of this.writes) write.undo(disordered);",
  }),
  mutant("removed node written", {
    file: ISOLATION,
    find: "return top !== this.root && this.isRemovedByOthers(top);",
    replace: "return top !== this.root && Math.random() > 2 && this.isRemovedByOthers(top);",
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
    find: "begin(): Transaction {\n    this.#applied.guest?.withdraw();",
    replace: "begin(): Transaction {",
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
    find: "if (isStaleNode(this, node)) this.#refuse(staleWrite(node));",
    replace: "",
  }),
  mutant("removal not told to handlers that hold the node", {
    file: COMMITS,
    find: "if (metaOf(node)?.parent === undefined) this.#removed.set(node, author);",
    replace: "",
  }),
  mutant("a copy's home forgotten", {
    file: ISOLATION,
    find: "this.arrays.add(write, this.reads.position);\n    this.#keepHomes(write);",
    replace: "this.arrays.add(write, this.reads.position);",
  }),
];

function mutant(name: string, edit: Mutant["edits"][number]): Mutant {
  return { name, hunter: "isolation", edits: [edit] };
}
