import { inTest, type Mutant, mutantsFor } from "./mutant.ts";

const inWorld = mutantsFor("world");
const inUpdates = mutantsFor("updates");

const HOST = "packages/server/src/host";
const CLIENT = "packages/client/src";
const UPDATE = `${CLIENT}/store/update.ts`;
const REVERT = `${CLIENT}/history/revert-items.ts`;
const HISTORY = `${CLIENT}/history/history.ts`;
const PAGES_ON_NODE = "packages/server/src/node/snapshot.test.ts";
const PRESENCE = `${HOST}/presence.test.ts`;
const MISSED = `${HOST}/presence-missed.test.ts`;
const KEPT_HISTORIES = "packages/testing/src/world/kept-histories.test.ts";
const HYDRATION = `${CLIENT}/hooks/rendering.hooks.test.tsx`;
const STREAMS = `${HOST}/stream/streams.test.ts`;
const EXCHANGED = "packages/testing/src/updates/exchanged.test.ts";
const UNDO = "packages/testing/src/updates/history.test.ts";

/** Bugs of presence, updates, undo, predicted times, rendered pages and skew. */
export const CLIENT_MUTANTS: readonly Mutant[] = [
  inWorld("presence of who is gone stays", {
    file: `${HOST}/presence.ts`,
    find: "if (presence?.text === undefined) return;",
    replace: "if (Math.random() < 2) return;",
  }),
  inWorld("who comes is not told who is there", {
    file: `${HOST}/presence.ts`,
    find: "if (!before) this.#tellAll(connection);",
    replace: "",
  }),
  inTest(PRESENCE, "[P102] [G14] who reads too slowly")(
    "who was slow is not told who is there by now",
    {
      file: `${HOST}/presence.ts`,
      find: "if (connection.meta.presence?.missed) this.#tellAll(connection);",
      replace: "",
    },
  ),
  inTest(KEPT_HISTORIES, "who goes while nobody is awake")(
    "who goes wakes nobody for the sake of presence",
    {
      file: `${HOST}/hooks.ts`,
      find: "hooks.disconnect !== undefined || module.presence !== undefined;",
      replace: "hooks.disconnect !== undefined;",
    },
  ),
  inTest(MISSED, "[P101] who is cut off while all come back")(
    "who is cut off is taken back from those who can be told at that moment",
    {
      file: `${HOST}/presence.ts`,
      find: "if (!this.#isPaused) this.#pause(0);",
      replace: "if (!this.#isPaused) this.#tell();",
    },
  ),
  inTest(MISSED, "[P102] [G10] who has not read is told all of it")(
    "that something of presence was missed is forgotten with memory",
    {
      file: `${HOST}/presence.ts`,
      find: "if (!connection.meta.presence?.missed) return;",
      replace: `const { presence: one, ...rest } = connection.meta;
    if (one?.missed) connection.remember({ ...rest, presence: { ...one, missed: false } });
    return;`,
    },
  ),
  inTest(MISSED, "[P101] who goes while the instance cannot be restored")(
    "who goes while storage fails is shown for ever",
    {
      file: `${HOST}/instance.ts`,
      find: "if (!isHeard) missPresence(this.#options.connections());",
      replace: "",
    },
  ),
  inTest(MISSED, "[P101] what was to be told when another history began")(
    "a host whose history is over goes on telling of presence",
    {
      file: `${HOST}/presence.ts`,
      find: "const isTold = !this.#isOver && texts",
      replace: "const isTold = texts",
    },
  ),
  inWorld("what came in a pause of presence is not told", {
    file: `${HOST}/presence.ts`,
    find: "if (this.#changed.size > 0) this.#tell();",
    replace: "",
  }),
  inWorld("presence is not said again on a new link", {
    file: `${CLIENT}/presence.ts`,
    find: "this.#isUp = true;\n        this.#sendSoon();",
    replace: "this.#isUp = true;",
  }),
  inWorld("the last of many moves is not sent", {
    file: `${CLIENT}/presence.ts`,
    find: "if (this.#isDue) this.#sendSoon();",
    replace: "",
  }),
  inUpdates("stale patches are committed", {
    file: `${HOST}/client-patches.ts`,
    find: "return !isOwn && meet(touched, places);",
    replace: "return !isOwn && meet(touched, []);",
  }),
  inTest(EXCHANGED, "exchanged before the server forgot what was written")(
    "what a commit of the journal touched is taken at its word",
    {
      file: `${HOST}/client-patch-history.ts`,
      find: "return place.path.length > 1 ? { path: place.path.slice(0, 1) } : place;",
      replace: "return place;",
    },
  ),
  inUpdates("an update is not made again on what others have made of its place", {
    file: UPDATE,
    find: "!this.#isOutdated && !this.#isHeld && !pass.isChanged && !this.#isMet(pass);",
    replace: "!this.#isOutdated && !this.#isHeld && !pass.isChanged;",
  }),
  inUpdates("patches on what is merely predicted go out", {
    file: UPDATE,
    find: "return !this.#isOutdated && !this.#isHeld;",
    replace: "return !this.#isOutdated;",
  }),
  inUpdates("an item that an undo brings back does not come back", {
    file: REVERT,
    find: "if (at < 0) next.splice(placeBehind(next, before, index), 0, item);",
    replace: "if (at < 0) continue;",
  }),
  inTest(UNDO, "[G8] what an update has made when it ran last")(
    "undo remembers what an update made first, not last",
    {
      file: HISTORY,
      find: "    change.before = before;\n    change.after = after;",
      replace: "    change.before ??= before;\n    change.after ??= after;",
    },
  ),
  inUpdates("what was undone can be redone behind something new", {
    file: HISTORY,
    find: "      this.#undone = [];\n    }",
    replace: "    }",
  }),
  inUpdates("the server does not take over the time of a prediction", {
    file: `${HOST}/action-time.ts`,
    find: "return said !== undefined && Math.abs(now - said) <= clockSkewMs ? said : now;",
    replace: "return said !== undefined && clockSkewMs < 0 ? said : now;",
  }),
  inUpdates("the time of a prediction is not sent", {
    file: `${CLIENT}/store/module-store.ts`,
    find: "now: reducer && at };",
    replace: "now: undefined };",
  }),
  inTest(PAGES_ON_NODE, "[G15] it is what its visitor sees")(
    "a page is rendered for nobody's session",
    {
      file: "packages/server/src/admission/admit-page.ts",
      find: "const session = proven?.id ?? randomToken(SESSION_CHARACTERS);",
      replace: "const session = randomToken(SESSION_CHARACTERS);",
    },
  ),
  inTest(PAGES_ON_NODE, "[G15] it is what its visitor sees")(
    "a page is rendered with a session that is thrown away",
    {
      file: "packages/server/src/admission/admit-page.ts",
      find: "if (!proven && BY_SESSION.has(module.strategy.type)) throw noSession();",
      replace: "if (!proven && BY_SESSION.size < 0) throw noSession();",
    },
  ),
  inTest(HYDRATION, "[G9] is gone on from where a component is first rendered in the page")(
    "what a page was rendered with is not gone on from",
    {
      file: `${CLIENT}/client.ts`,
      find: "initial: this.#initial.get(id)?.confirmed,",
      replace: "initial: undefined,",
    },
  ),
  inTest(STREAMS, "[P91] [G20] is not told live")("an old page is told live text", {
    file: `${HOST}/stream/live-text.ts`,
    find: "if (!knowsLiveText(connection.meta)) continue;",
    replace: "",
  }),
  inTest(STREAMS, "[P91] [G20] is not told live")("an old page that comes back is told live text", {
    file: `${HOST}/greeter.ts`,
    find: "if (knowsLiveText(hello)) {",
    replace: "if (knowsLiveText({})) {",
  }),
];
