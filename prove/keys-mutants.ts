import type { Edit } from "./plant.ts";
import { inTest, type Mutant } from "./mutant.ts";

const MOVE = "packages/server/src/host/move";
const CLIENT = "packages/client/src";

const LEFT_BEHIND = `${CLIENT}/moved-session.browser.test.ts`;

/** Bugs that bring something of one to another, or lose it on the way. */
export const KEYS_MUTANTS: readonly Mutant[] = [
  mutant("what a move brought stays where it began", {
    file: `${MOVE}/leaver.ts`,
    find: '{ move: { ...move, places: "", result: undefined }, isDone: true, at },',
    replace: "{ move, isDone: true, at },",
  }),
  mutant("a guest takes the place of what is stored", {
    file: `${MOVE}/adopter.ts`,
    find: "else if (!journal.meta && guest) become(state, guest);",
    replace: "else if (journal && guest) become(state, guest);",
  }),
  mutant("an account switch takes a guest along", {
    file: `${MOVE}/session-place.ts`,
    find: "guest: move.from === null ? guest() : undefined",
    replace: "guest: guest()",
  }),
  mutant("a logout finds what the session had before its login", {
    file: `${MOVE}/adopter.ts`,
    find: "if (to === null) become(state, module.initial);\n    else if",
    replace: "if (module.initial && to === null) Math.random();\n    else if",
  }),
  mutant("the other tabs stay where they are", {
    file: `${MOVE}/moves.ts`,
    find: "if (session !== move.session || generation > move.generation) continue;",
    replace:
      "if (session !== move.session || generation > move.generation || !clients.includes(move.client)) continue;",
  }),
  mutant(
    "a page that missed a move is told by nobody",
    {
      file: `${MOVE}/moves.ts`,
      find: "if (said === undefined || said === generation) return false;",
      replace: "if (said !== generation || said === generation) return false;",
    },
    {
      file: `${CLIENT}/store/module-store.ts`,
      find: 'return message.type === "bound" && (generation ?? message.generation) !== message.generation;',
      replace: "return generation === -1;",
    },
  ),
  mutant("what was written in an action that moves its session stays in memory", {
    file: "packages/server/src/host/commit.ts",
    find: "      own?.undo();\n      own?.end();\n      if (error instanceof Stale && sequence) {",
    replace:
      "      if (!(error instanceof KeyMove)) own?.undo();\n      own?.end();\n      if (error instanceof Stale && sequence) {",
  }),
  // A page that dies with work queued beside one that its session took along: no history in thousands.
  inTest(LEFT_BEHIND, "and not sent by the next")(
    "a page sends what another left behind, wherever its session is",
    {
      file: `${CLIENT}/kept-place.ts`,
      find: "(generation ?? store.generation) !== (store.generation ?? generation);",
      replace: "generation !== generation;",
    },
  ),
  inTest(LEFT_BEHIND, "and not sent by the next")("what is left behind does not say whose it was", {
    file: `${CLIENT}/cache/durable-outbox.ts`,
    find: "...(generation !== undefined && { generation }),",
    replace: "",
  }),
  mutant("a cache outlives the move of its session", {
    file: `${CLIENT}/persistence.ts`,
    find: "void before?.place.erase().catch(report);",
    replace: "before?.place.close();",
  }),
  mutant("what another user left in the browser stays", {
    file: `${CLIENT}/persistence.ts`,
    find: "if (this.#principals.get(address) === principal) return;",
    replace: "if (this.#principals.get(address) !== principal) return;",
  }),
  mutant("a page keeps its actions when its session moves", {
    file: `${CLIENT}/store/module-store.ts`,
    find: "const abandoned = this.#outboxes.flatMap((outbox) => outbox.abandon());",
    replace: "const abandoned: ReturnType<Outbox['abandon']> = [];",
  }),
  mutant("what is private is seen", {
    file: "packages/server/src/host/view/views.ts",
    find: "secret: new Set(secret) });",
    replace: "secret: new Set() });",
  }),
  mutant("two who see different things are told the same", {
    file: "packages/server/src/host/view/views.ts",
    find: "JSON.stringify([canonical(hide), canonical(show), [...secret].sort()]);",
    replace: "JSON.stringify([canonical(hide), canonical([]), [...secret].sort()]);",
  }),
  mutant("the Worker forgets how often a session has moved", {
    file: `${MOVE}/follow-session.ts`,
    find: 'await offer(placeName({ type: "key", key: where.key }), where.generation);',
    replace: 'await offer(placeName({ type: "key", key: where.key }), 0);',
  }),
  // It takes an interrupted move: thousands of histories for one that has what it needs.
  inTest(`${MOVE}/moves.test.ts`, "is never called done and left behind")(
    "what ends while its session leaves is called done and stays behind",
    {
      file: `${MOVE}/moves.ts`,
      find: "return this.#leaver.holds(identity) && !this.#leaver.refuses(identity);",
      replace: "return this.#leaver.holds(identity) && this.#leaver.refuses(identity);",
    },
  ),
];

function mutant(name: string, ...edits: readonly Edit[]): Mutant {
  return { name, hunter: "leaks", edits };
}
