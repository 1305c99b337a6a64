import { inTest, type Mutant, mutantsFor } from "./mutant.ts";

const STREAM = "packages/server/src/host/stream";
const LIVE = `${STREAM}/live-stream.ts`;
const ENDS = `${STREAM}/stream-ends.test.ts`;
const mutant = mutantsFor("streams");

/** Bugs that text which goes out before it is durable brings along. */
export const STREAM_MUTANTS: readonly Mutant[] = [
  mutant("what is stored is told once more as live", {
    file: LIVE,
    find: '    this.#base = value.text;\n    this.#tail = this.#unsent = "";\n    this.dirtySince',
    replace: "    this.#base = value.text;\n    this.dirtySince",
  }),
  mutant("live text is said to stand where the last of it was stored", {
    file: LIVE,
    find: "fresh: { id: this.id, from: end - this.#unsent.length, text: this.#unsent }",
    replace: "fresh: { id: this.id, from: this.#base.length, text: this.#unsent }",
  }),
  mutant("a stream is not known to be under way, should the memory be lost", {
    file: `${STREAM}/stream-store.ts`,
    find: "if (open !== undefined && row !== open) effects.write(() => rows.add(open));",
    replace: "",
  }),
  mutant("an action runs again whose text was shown", {
    file: `${STREAM}/stream-store.ts`,
    find: "    sequence: first?.sequence,\n",
    replace: "    sequence: undefined,\n",
  }),
  mutant("a stream that is begun anew keeps its id", {
    file: `${STREAM}/stream-change.ts`,
    find: 'return { id: newId(), status: "streaming", text: checkedText(change.text), error: null };',
    replace:
      'return { id: before.id || newId(), status: "streaming", text: checkedText(change.text), error: null };',
  }),
  mutant("live text goes to everybody", {
    file: `${STREAM}/live-text.ts`,
    find: "stream.isLive && view.seesAllOf(stream.path)",
    replace: "stream.isLive",
  }),
  mutant("an action that failed drops the text of the one that went on", {
    file: `${STREAM}/action-streams.ts`,
    find: "if (this.isUnstored && this.#live?.action === this.action)",
    replace: "if (this.isUnstored && this.#live)",
  }),
  mutant("an action that is over leaves its stream open", {
    file: "packages/server/src/host/async-action.ts",
    find: "guard(this.#parts.platform, () => this.#streams?.end(undefined));",
    replace: "",
  }),
  mutant("who has just connected again is not told what is live", {
    file: "packages/server/src/host/greeter.ts",
    find: "for (const text of this.#parts.streams.told(view)) told.push({ after: 0, text });",
    replace: "",
  }),
  mutant("a piece that comes twice is shown twice", {
    file: "packages/client/src/live-texts.ts",
    find: "text: known.text + next.text.slice(end - next.from)",
    replace: "text: known.text + next.text",
  }),
  mutant("what was missed is left out", {
    file: "packages/client/src/live-texts.ts",
    find: "if (next.from > end || next.from < known.from) return next;",
    replace: "if (next.from > end) return { from: known.from, text: known.text + next.text };",
  }),
  // They take a storage that fails just then: random histories meet that too seldom.
  inTest(ENDS, "is interrupted if storage takes nothing of the action")(
    "a stream waits for ever whose next text came to nothing",
    {
      file: `${STREAM}/streams.ts`,
      find: 'if (live.stored.status !== "streaming") {\n      this.#forget(live);',
      replace: "if (live.stored.id !== null) {\n      this.#forget(live);",
    },
  ),
  inTest(ENDS, "answered no sooner either when another has taken the stream")(
    "an action is answered whose text is not stored, since another has the stream by now",
    {
      file: `${STREAM}/action-streams.ts`,
      find: "&& this.#live.stored === this.#storedBefore;",
      replace: "&& this.#live.action === this.action;",
    },
  ),
  inTest(ENDS, "[G1] who has returned is answered when its text is stored")(
    "an action is answered of whose text storage took nothing",
    {
      file: `${STREAM}/action-streams.ts`,
      find: "if (failure === undefined || this.#action.isPublished()) return;",
      replace: "if (this.#action.isPublished()) return;",
    },
  ),
];
