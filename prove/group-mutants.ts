import { inTest, type Mutant } from "./mutant.ts";

const GROUP = "packages/server/src/host/group.test.ts";
const HOST = "packages/server/src/host";

/** Bugs of frames that are handled together. */
export const GROUP_MUTANTS: readonly Mutant[] = [
  inTest(GROUP, "[G2] a frame that has arrived counts")("what waits goes with its connection", {
    file: `${HOST}/host.ts`,
    find: "  disconnect(connection: Connection): void {\n    this.#group.closeFor(connection);",
    replace: "  disconnect(connection: Connection): void {",
  }),
  inTest(GROUP, "[G2] a client that does not wait")("a group is handled from its end", {
    file: `${HOST}/group.ts`,
    find: "handle(waiting.filter(",
    replace: "handle(waiting.toReversed().filter(",
  }),
  inTest(GROUP, "[G1] [G21] share one durable write")("each frame of a group has its own write", {
    file: `${HOST}/group.ts`,
    find: "handle(waiting.filter(({ connection }) => isHere(connection)));",
    replace: "for (const one of waiting) if (isHere(one.connection)) handle([one]);",
  }),
  inTest(GROUP, "no more wait than a bound")("a group has no bound", {
    file: `${HOST}/group.ts`,
    find: "const isFull = this.#actions >= MOST_ACTIONS || this.#characters >= MOST_CHARACTERS;",
    replace: "const isFull = false;",
  }),
  inTest(GROUP, "the pause of those who wait no more")("a pause ends the group behind its own", {
    file: `${HOST}/group.ts`,
    find: "if (this.#waiting !== group) return;",
    replace: "",
  }),
  inTest(GROUP, "who acts alone is answered at once")("who acted long ago is waited for", {
    file: `${HOST}/group.ts`,
    find: "if (at - last > CROWDED_MS && !this.#here.has(one)) acting.delete(one);",
    replace: "if (at < last && !this.#here.has(one)) acting.delete(one);",
  }),
  inTest(GROUP, "they wait no longer than until all who act are here")(
    "who has gone is waited for",
    {
      file: `${HOST}/group.ts`,
      find: "this.#acting.delete(connection);",
      replace: "",
    },
  ),
  inTest(GROUP, "[G2] what comes twice is done once")("what is done is said to be under way", {
    file: `${HOST}/host.ts`,
    find: "underWay && !sequences.isRunning(underWay) ? []",
    replace: "underWay && Math.random() > 2 ? []",
  }),
];
