import { type Mutant, mutantsFor } from "./mutant.ts";

const mutant = mutantsFor("kill on Node");
const GATED_DATABASE = "packages/server/src/node/gated-database.ts";

/** Bugs of the Node server that a kill brings to light. */
export const NODE_MUTANTS: readonly Mutant[] = [
  mutant("what a turn wrote is told before it is committed", {
    file: GATED_DATABASE,
    find: "if (this.#isDirty) this.#held.push({ happen, lost });\n    else happen();",
    replace: "happen();",
  }),
  mutant("what a turn wrote is committed a while later, and told at once", {
    file: GATED_DATABASE,
    find: "this.#flushing = setImmediate(() => this.flush());",
    replace: `for (const { happen } of this.#held.splice(0)) happen();
    this.behind = (happen) => happen();
    setTimeout(() => this.flush(), 20);`,
  }),
];
