import { type Mutant, mutantsFor } from "./mutant.ts";

const mutant = mutantsFor("wal");

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
  mutant(
    "parts of mixed versions",
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
  ),
  mutant(
    "a part is kept as it is after the change that overtakes it",
    {
      file: JOURNAL,
      find: "    this.#checkpoint?.keep(before);\n",
      replace: "    setTimeout(() => before);\n",
    },
    { file: PART_TREE, find: "      this.spoiled = true;\n", replace: "" },
  ),
  mutant("checkpoint counted before its last part", {
    file: PARTITION,
    find: " && this.#tree.pending === 0 && !",
    replace: " && !",
  }),
  mutant("checkpoint named by the version that it ended at", {
    file: CHECKPOINT,
    find: "bytes: this.#bytes };\n    }",
    replace: "bytes: this.#bytes };\n    } else this.#began = { ...this.#began, ...at };",
  }),
  mutant("rows of the checkpoint that counts are written over by the next one", {
    file: PARTITION,
    find: "    this.#round?.placed(slots);\n",
    replace: `    for (const { run } of this.#round?.held ?? []) {
      if (run.slot !== undefined) this.#slots.free(run.slot, run.size);
    }
    this.#round?.placed(slots);
`,
  }),
  mutant("rows of parts that were dropped while a round was under way are free at its end", {
    file: PARTITION,
    find: "of this.#round?.gone ?? []) {",
    replace: "of [...(this.#round?.gone ?? []), ...this.#tree.dropped.splice(0)]) {",
  }),
  mutant(
    "slot reused while in the resume window",
    {
      file: WINDOW,
      find: "const before = index < this.#first ? undefined : this.#at(index);",
      replace: "const before = this.#entries[index];",
    },
    { file: WINDOW, find: "if (start < this.#start || (next", replace: "if ((next" },
    { file: WINDOW, find: "let low = this.#first;", replace: "let low = 0;" },
  ),
  mutant("slot reused before a checkpoint has its commits", {
    file: WINDOW,
    find: " && this.#at(this.#first).last <= version) {",
    replace: ") {",
  }),
  mutant("answers folded away too early", {
    file: JOURNAL,
    find: "next = { ...next, folded: foldUpTo };",
    replace: "next = { ...next, folded: this.#log.lastWrite };",
  }),
  mutant("folding forgets what the client's row kept", {
    file: FOLD,
    find: "inOrder([...kept, ...answers.map((one) => reader.read(one))]);\n    rows.write",
    replace: "inOrder(answers.map((one) => reader.read(one)));\n    rows.write",
  }),
  mutant("one answer more than reported is forgotten", {
    file: OPEN_ANSWERS,
    find: "this.#close(track, ({ seq }) => seq <= settled);",
    replace: "this.#close(track, ({ seq }) => seq <= settled + 1);",
  }),
  mutant("a write of several rows is not atomic", {
    file: JOURNAL,
    find: "    this.#sql.transaction(() => {\n      this.#log.put(prepared);\n      if",
    replace: "    ((work: () => void) => work())(() => {\n      this.#log.put(prepared);\n      if",
  }),
  mutant("resume off by one", {
    file: LOG,
    find: "all.slice(version - entry.first + 1)",
    replace: "all.slice(version - entry.first)",
  }),
];
