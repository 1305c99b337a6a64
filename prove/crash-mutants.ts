import type { Mutant } from "./mutant.ts";

const COMMIT = "packages/server/src/host/commit.ts";
const AUDIENCE = "packages/server/src/host/audience.ts";
const ASSEMBLE = "packages/server/src/host/assemble.ts";
const REFUSAL = "packages/server/src/host/refusal.ts";

const WRITE_LATER = {
  file: COMMIT,
  find: "if (isMoving(runs)) break;\n      }\n      return this.#write(runs, mark);",
  replace: `if (isMoving(runs)) break;
      }
      setTimeout(() => this.#write(runs, mark));
      return true;`,
};

/** Bugs that a crash or failure at a durable step, a hostile frame, or a kill brings to light. */
export const CRASH_MUTANTS: readonly Mutant[] = [
  {
    name: "ack before the write",
    hunter: "crashes",
    edits: [WRITE_LATER],
  },
  {
    name: "sequence stored apart from the effects",
    hunter: "crashes",
    edits: [
      {
        file: "packages/server/src/host/durable-write.ts",
        find: "if (effects.length === 0) journal.write(entry);",
        replace: `if (effects.length === 0) {
        if (entry.commits.length > 0) journal.write({ ...entry, finished: [] });
        if (entry.finished.length > 0) journal.write({ ...entry, commits: [] });
      }`,
      },
    ],
  },
  {
    name: "memory kept after a failed write",
    hunter: "crashes",
    edits: [{ file: COMMIT, find: "        transaction.undo();\n", replace: "" }],
  },
  {
    name: "sender left out of the broadcast",
    hunter: "crashes",
    edits: [
      {
        file: AUDIENCE,
        find: "this.#flows.get(connection)?.tell(stretchFor(connection), told, share);",
        replace: "this.#flows.get(connection)?.tell({ from, to, texts: [] }, told, share);",
      },
    ],
  },
  {
    name: "result sent to other connections",
    hunter: "crashes",
    edits: [
      {
        file: AUDIENCE,
        find: "flow.tell(stretchFor(connection), undefined, share);",
        replace: "flow.tell(stretchFor(connection), [...addressed.values()][0], share);",
      },
    ],
  },
  {
    name: "a counter in memory only: the version",
    hunter: "crashes",
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
    hunter: "crashes",
    edits: [
      {
        file: ASSEMBLE,
        find: "new Sequences(journal, limits.openSequences)",
        replace: `new Sequences(
          { client: () => undefined, settle: () => undefined },
          limits.openSequences,
        )`,
      },
    ],
  },
  {
    name: "frames taken as they come",
    hunter: "frames",
    edits: [
      {
        file: "packages/server/src/host/read-frame.ts",
        find: "const messages = decodeClientFrame(frame, limits);",
        // What an engine does that trusts its own client package.
        replace: "const messages = [JSON.parse(String(frame))].flat() as ClientMessage[];",
      },
    ],
  },
  {
    name: "an error's own message told to the client",
    hunter: "frames",
    edits: [
      {
        file: REFUSAL,
        find: 'message: `The action "${action}" failed',
        replace:
          'message: `${error instanceof Error ? error.stack : String(error)} The action "${action}" failed',
      },
    ],
  },
  {
    name: "ack before the write, over real sockets",
    hunter: "kill",
    edits: [WRITE_LATER],
  },
];
