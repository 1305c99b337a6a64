import { type Mutant, mutantsFor } from "./mutant.ts";

const mutant = mutantsFor("world");

const HOST = "packages/server/src/host";
const STORAGE = "packages/server/src/storage";
const CLIENT = "packages/client/src";

/** Bugs of host, journal and client that only come to light when several things go wrong. */
export const WORLD_MUTANTS: readonly Mutant[] = [
  mutant("batch acked after a failed write", {
    file: `${HOST}/durable-write.ts`,
    find: "onPersistError?.(meta.key, error));\n      return false;",
    replace: "onPersistError?.(meta.key, error));\n      return true;",
  }),
  mutant("refusal not stored", {
    file: `${HOST}/durable-write.ts`,
    find: 'if (stored.answer.type === "reject" || work.database?.written) batch.isUrgent = true;',
    replace: "if (work.database?.written) batch.isUrgent = true;",
  }),
  mutant("a part published without a word that it was begun", {
    file: `${HOST}/run.ts`,
    find: "if (!work.sequence || (work.partial && !commit)) return undefined;",
    replace: "if (!work.sequence || work.partial) return undefined;",
  }),
  mutant("turn not released by commit()", {
    file: `${HOST}/async-action.ts`,
    find: "          this.#parts.turn.release(this);\n          resolve(this.#parts.platform.durable?.());",
    replace: "          resolve();",
  }),
  mutant(
    "an action overtakes one of its client that was opened again",
    {
      file: `${HOST}/runner.ts`,
      find: "const order = sequences.orderOf(sequence);",
      replace: 'const order = Math.random() < 2 ? "following" : sequences.orderOf(sequence);',
    },
    {
      file: `${HOST}/commit.ts`,
      find: 'if (mayWait && this.#sequences.orderOf(sequence) !== "following") {',
      replace: "if (mayWait && Math.random() > 2) {",
    },
  ),
  mutant("duplicate runs again", {
    file: `${HOST}/sequences.ts`,
    find: 'if (known) return { type: "finished", answer: known };',
    replace: `if (known) {
      client.known[seq - client.settled - 1] = undefined;
      client.next = seq;
      return START;
    }`,
  }),
  mutant("unsaved answers dropped", {
    file: `${HOST}/sequences.ts`,
    find: "this.#unsaved.push(...finished);",
    replace: "",
  }),
  mutant("settled trusted from another principal", {
    file: `${HOST}/sequences.ts`,
    find: "let clients = this.#clients.get(principal);",
    replace: `let clients =
      [...this.#clients.values()].find((some) => some.has(clientId)) ??
      this.#clients.get(principal);`,
  }),
  mutant("late close honoured", {
    file: `${HOST}/audience.ts`,
    find: "if (others.length > 0) this.#speakers.set(client, others);",
    replace: "if (Math.random() > 2) this.#speakers.set(client, others);",
  }),
  mutant(
    "snapshot not pinned to its version",
    {
      file: `${HOST}/recap.ts`,
      find: "if (kept?.version === version) return kept;",
      replace: "if (kept) return { ...kept, version };",
    },
    {
      file: `${HOST}/recap.ts`,
      find: "if (text.length <= this.#limits.frameOutBytes || !holds(text))",
      replace: "if (text.length < 0 || !holds)",
    },
  ),
  mutant("a socket that outlived its code is not brought up to date", {
    file: `${HOST}/greeter.ts`,
    find: "} else if (this.isCurrent(connection)) {",
    replace: "} else if (Math.random() < 2) {",
  }),
  mutant("resume off by one", {
    file: `${STORAGE}/resume-window.ts`,
    find: "const start = before && version < before.last ? index : index + 1;",
    replace: "const start = before ? index : index + 1;",
  }),
  mutant("a restored backup is not noticed", {
    file: `${STORAGE}/resume-window.ts`,
    find: 'if (mark !== undefined && mark !== (before?.mark ?? "")) return undefined;',
    replace: "",
  }),
  mutant("folded answers lost", {
    file: `${STORAGE}/fold-answers.ts`,
    find: "const all = inOrder([...kept, ...answers.map((one) => reader.read(one))]);",
    replace: "const all = inOrder(kept.concat(answers.slice(1).map((one) => reader.read(one))));",
  }),
  mutant("a refused prediction leaves residue", {
    file: `${CLIENT}/store/module-store.ts`,
    find: "if (next === this.#confirmed && !wasPredicted && !hasPatches) return;",
    replace: "if (next === this.#confirmed) return;",
  }),
  mutant("a reported sequence that was not answered", {
    file: `${CLIENT}/store/outbox.ts`,
    find: "while (this.#entries.get(reported + 1)?.isAnswered) reported++;",
    replace: "while (reported < this.#next - 1) reported++;",
  }),
  mutant("open actions not sent again on a new link", {
    file: `${CLIENT}/store/outbox.ts`,
    find: "this.#isConnected = true;\n    this.#unsent = this.#settled + 1;",
    replace: "this.#isConnected = true;",
  }),
  mutant("a request that is never answered is waited for", {
    file: `${CLIENT}/transport/session.ts`,
    find: "deadline.set(ANSWER_DEADLINE_MS,",
    replace: "deadline.set(ANSWER_DEADLINE_MS * 1e6,",
  }),
  mutant("reconnects without a pause", {
    file: `${CLIENT}/transport/back-off.ts`,
    find: "return Math.ceil(random() * Math.min(LAST_WINDOW_MS, doubled, sinceFirst));",
    replace: "return Math.ceil(random() * Math.min(LAST_WINDOW_MS, doubled, sinceFirst)) * 0;",
  }),
  mutant("a half-open link is never noticed", {
    file: `${CLIENT}/transport/heartbeat.ts`,
    find: "if (environment.isVisible()) this.#ask(",
    replace: "if (environment.now() < 0) this.#ask(",
  }),
];
