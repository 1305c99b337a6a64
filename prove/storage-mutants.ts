import type { Mutant } from "./mutant.ts";

const CHECKPOINT = "packages/server/src/storage/checkpoint.ts";
const FOLD = "packages/server/src/storage/fold-answers.ts";
const JOURNAL = "packages/server/src/storage/journal.ts";
const LOG = "packages/server/src/storage/journal-log.ts";
const OPEN_ANSWERS = "packages/server/src/storage/open-answers.ts";
const PARTITION = "packages/server/src/storage/parts/partition.ts";
const PART_TREE = "packages/server/src/storage/parts/part-tree.ts";
const WINDOW = "packages/server/src/storage/resume-window.ts";

/** Bugs of storage: what a database holds after a crash tells each of them. */
export const STORAGE_MUTANTS: readonly Mutant[] = [
  {
    name: "parts of mixed versions",
    hunter: "wal",
    edits: [
      {
        file: PARTITION,
        find: "return this.#overtaken !== undefined && this.#overtaken.size > 0;",
        replace: "return false;",
      },
      {
        file: PART_TREE,
        find: "      this.taken(run);\n      this.spoiled = true;\n",
        replace: "      return;\n",
      },
    ],
  },
  {
    name: "a part is kept as it is after the change that overtakes it",
    hunter: "wal",
    edits: [
      {
        file: JOURNAL,
        find: "    this.#checkpoint?.keep(before);\n",
        replace: "    setTimeout(() => before);\n",
      },
      { file: PART_TREE, find: "      this.spoiled = true;\n", replace: "" },
    ],
  },
  {
    name: "checkpoint counted before its last part",
    hunter: "wal",
    edits: [{ file: PARTITION, find: " && this.#tree.pending === 0 && !", replace: " && !" }],
  },
  {
    name: "checkpoint named by the version that it ended at",
    hunter: "wal",
    edits: [
      {
        file: CHECKPOINT,
        find: "bytes: this.#bytes };\n    }",
        replace: "bytes: this.#bytes };\n    } else this.#began = { ...this.#began, ...at };",
      },
    ],
  },
  {
    name: "rows of the checkpoint that counts are written over by the next one",
    hunter: "wal",
    edits: [
      {
        file: PARTITION,
        find: "    this.#round?.placed(slots);\n",
        replace: `    for (const { run } of this.#round?.held ?? []) {
      if (run.slot !== undefined) this.#slots.free(run.slot, run.size);
    }
    this.#round?.placed(slots);
`,
      },
    ],
  },
  {
    name: "rows of parts that were dropped while a round was under way are free at its end",
    hunter: "wal",
    edits: [
      {
        file: PARTITION,
        find: "of this.#round?.gone ?? []) {",
        replace: "of [...(this.#round?.gone ?? []), ...this.#tree.dropped.splice(0)]) {",
      },
    ],
  },
  {
    name: "slot reused while in the resume window",
    hunter: "wal",
    edits: [
      {
        file: WINDOW,
        find: "const before = index < this.#first ? undefined : this.#at(index);",
        replace: "const before = this.#entries[index];",
      },
      { file: WINDOW, find: "if (start < this.#start || (next", replace: "if ((next" },
      { file: WINDOW, find: "let low = this.#first;", replace: "let low = 0;" },
    ],
  },
  {
    name: "slot reused before a checkpoint has its commits",
    hunter: "wal",
    edits: [{ file: WINDOW, find: " && this.#at(this.#first).last <= version) {", replace: ") {" }],
  },
  {
    name: "answers folded away too early",
    hunter: "wal",
    edits: [
      {
        file: JOURNAL,
        find: "next = { ...next, folded: foldUpTo };",
        replace: "next = { ...next, folded: this.#log.lastWrite };",
      },
    ],
  },
  {
    name: "folding forgets what the client's row kept",
    hunter: "wal",
    edits: [
      {
        file: FOLD,
        find: "inOrder([...kept, ...answers.map((one) => reader.read(one))]);\n    rows.write",
        replace: "inOrder(answers.map((one) => reader.read(one)));\n    rows.write",
      },
    ],
  },
  {
    name: "one answer more than reported is forgotten",
    hunter: "wal",
    edits: [
      {
        file: OPEN_ANSWERS,
        find: "this.#close(track, ({ seq }) => seq <= settled);",
        replace: "this.#close(track, ({ seq }) => seq <= settled + 1);",
      },
    ],
  },
  {
    name: "a write of several rows is not atomic",
    hunter: "wal",
    edits: [
      {
        file: JOURNAL,
        find: "    this.#sql.transaction(() => {\n      this.#log.put(prepared);\n      if",
        replace:
          "    ((work: () => void) => work())(() => {\n      this.#log.put(prepared);\n      if",
      },
    ],
  },
  {
    name: "resume off by one",
    hunter: "wal",
    edits: [
      {
        file: LOG,
        find: "all.slice(version - entry.first + 1)",
        replace: "all.slice(version - entry.first)",
      },
    ],
  },
];
