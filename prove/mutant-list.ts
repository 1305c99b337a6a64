import type { Edit } from "./plant.ts";

/** A bug that turns one guarantee false, as an edit of the sources. */
export interface Mutant {
  readonly name: string;
  readonly edits: readonly Edit[];
}

const COMMIT = "packages/server/src/host/commit.ts";
const AUDIENCE = "packages/server/src/host/audience.ts";
const INTAKE = "packages/server/src/host/intake.ts";
const HOST = "packages/server/src/host/host.ts";

export const MUTANTS: readonly Mutant[] = [
  {
    name: "ack before the write",
    edits: [
      {
        file: COMMIT,
        find: "if (!this.#write(runs, mark)) {",
        replace: "setTimeout(() => this.#write(runs, mark)); if (Math.random() < 0) {",
      },
    ],
  },
  {
    name: "sequence stored apart from the effects",
    edits: [
      {
        file: COMMIT,
        find: "      this.#journal.write({",
        replace: `      if (commits.length > 0) this.#journal.write({ meta: this.#meta, mark, commits, finished: [], state: this.#tree.root });
      if (finished.length > 0) this.#journal.write({`,
      },
      {
        file: COMMIT,
        find: "        commits,\n        finished:",
        replace: "        commits: [],\n        finished:",
      },
    ],
  },
  {
    name: "memory kept after a failed write",
    edits: [{ file: COMMIT, find: "        run.transaction?.undo();\n", replace: "" }],
  },
  {
    name: "sender left out of the broadcast",
    edits: [
      {
        file: INTAKE,
        find: "if (outcome.commit !== undefined) texts.push(outcome.commit);",
        replace: "",
      },
    ],
  },
  {
    name: "result sent to other connections",
    edits: [
      {
        file: AUDIENCE,
        find: "const frames = cut(commits, this.#limits);",
        replace: "const frames = cut(sender?.texts ?? commits, this.#limits);",
      },
    ],
  },
  {
    name: "a counter in memory only: the version",
    edits: [
      {
        file: COMMIT,
        find: "this.#version = parts.journal.version;",
        replace: "this.#version = 0;",
      },
    ],
  },
  {
    name: "a counter in memory only: the sequences",
    edits: [
      {
        file: HOST,
        find: "new Sequences(this.#journal, limits.openSequences)",
        replace: `new Sequences(
          { client: () => undefined, settle: () => undefined },
          limits.openSequences,
        )`,
      },
    ],
  },
];
