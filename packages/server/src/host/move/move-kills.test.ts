import { describe, expect, test } from "vitest";
import { gates, todoModule, type TodoState } from "./move-module.fixture.ts";
import { type Heard, MovePage } from "./move-page.fixture.ts";
import { MoveWorld } from "./move-world.fixture.ts";
import { settled } from "../host.fixture.ts";

const alice = { id: "alice", name: "Alice" };
const bob = { id: "bob", name: "Bob" };

async function run(...pages: MovePage[]): Promise<void> {
  for (let round = 0; round < 6; round++) {
    await settled();
    for (const one of pages) await one.run();
  }
}

/** Until everything has found its end, however it was interrupted. */
async function rest(world: MoveWorld, ...pages: MovePage[]): Promise<void> {
  for (let round = 0; round < 4; round++) {
    await run(...pages);
    await world.advance(15_000);
  }
  await run(...pages);
}

interface Story {
  readonly name: string;
  /** Everything before the move. */
  prepare(pages: Pages): Promise<void>;
  readonly action: string;
  readonly payload: { id: string; name: string } | undefined;
  /** What the page shows if the move happened, and if it did not. */
  readonly after: Partial<TodoState>;
  readonly before: Partial<TodoState>;
  /** What another device sees at the old key in the end, whatever happened. */
  readonly old: { readonly user: typeof alice; readonly state: Partial<TodoState> } | undefined;
}

interface Pages {
  readonly world: MoveWorld;
  readonly mine: MovePage;
  readonly tab: MovePage;
}

async function act(pages: Pages, name: string, payload?: unknown): Promise<void> {
  const heard = pages.mine.act(name, payload as never);
  await run(pages.mine, pages.tab);
  expect(heard.outcome).toMatchObject({ type: "done" });
}

const STORIES: readonly Story[] = [
  {
    name: "a login with nothing stored",
    prepare: (pages) => act(pages, "add", "guest's"),
    action: "login",
    payload: alice,
    after: { user: alice, todos: ["guest's"], arrivals: ["null>alice+guest's"] },
    before: { user: null, todos: ["guest's"], arrivals: [] },
    old: undefined,
  },
  {
    name: "an account switch",
    prepare: async (pages) => {
      await act(pages, "login", alice);
      await act(pages, "add", "alice's");
    },
    action: "login",
    payload: bob,
    after: { user: bob, todos: [], arrivals: ["alice>bob"] },
    before: { user: alice, todos: ["alice's"], arrivals: ["null>alice+"] },
    old: { user: alice, state: { user: alice, todos: ["alice's"] } },
  },
  {
    name: "a logout",
    prepare: async (pages) => {
      await act(pages, "login", alice);
      await act(pages, "add", "alice's");
    },
    action: "logout",
    payload: undefined,
    after: { user: null, todos: [], arrivals: ["alice>null"] },
    before: { user: alice, todos: ["alice's"], arrivals: ["null>alice+"] },
    old: { user: alice, state: { user: alice, todos: ["alice's"] } },
  },
  {
    name: "a login to what another device has stored",
    prepare: async (pages) => {
      const phone = new MovePage(pages.world, "phone", "phone");
      phone.act("login", alice);
      await run(phone);
      phone.act("add", "stored");
      await run(phone);
      phone.goOffline();
      await act(pages, "add", "guest's");
    },
    action: "login",
    payload: alice,
    after: { user: alice, todos: ["stored"], arrivals: ["null>alice+", "null>alice+guest's"] },
    before: { user: null, todos: ["guest's"], arrivals: [] },
    old: undefined,
  },
];

/** Tells the story with a kill at one step of the move. */
async function tell(story: Story, how: { at: number; keepsSockets: boolean; isAway: boolean }) {
  const world = new MoveWorld(todoModule);
  world.keepsSockets = how.keepsSockets;
  const mine = new MovePage(world, "s1", "mine");
  const tab = new MovePage(world, "s1", "tab");
  await run(mine, tab);
  await story.prepare({ world, mine, tab });
  const first = world.steps.length;
  world.killAt = first + how.at;
  const heard = mine.act(story.action, story.payload);
  await mine.run();
  const behind = mine.act("filter", "behind");
  // The page may lose its connection as well, at whatever moment that is.
  if (how.isAway) mine.goOffline();
  await world.advance(3_000);
  mine.isOffline = false;
  await rest(world, mine, tab);
  const steps = world.steps.slice(first);
  const killed = steps[how.at];
  const phone = new MovePage(world, "phone", "phone-again");
  if (story.old) phone.act("login", story.old.user);
  await rest(world, phone);
  return { world, mine, tab, phone, heard: heard.outcome, behind: behind.outcome, steps, killed };
}

function expectEnd(story: Story, told: Awaited<ReturnType<typeof tell>>): Heard | undefined {
  const { mine, tab, heard, behind, world, phone } = told;
  const where = `${story.name}, killed at ${told.killed}: ${JSON.stringify(heard)}`;
  expect(world.aborts, where).toEqual([]);
  // It is over, for everybody, and they agree.
  expect(heard, where).toBeDefined();
  expect(behind, where).toBeDefined();
  expect(tab.state, where).toEqual(mine.state);
  const expected = heard?.type === "done" ? story.after : story.before;
  if (heard?.type === "done") expect(mine.state, where).toMatchObject(story.after);
  else if (heard?.code === "OUTCOME_UNKNOWN") {
    // One of the two, whole.
    const { user } = mine.state as TodoState;
    const isAfter = JSON.stringify(user) === JSON.stringify(story.after.user);
    expect(mine.state, where).toMatchObject(isAfter ? story.after : story.before);
  } else expect(mine.state, where).toMatchObject(expected);
  // What came behind it was not started where it was not meant to be.
  const { filter } = mine.state as TodoState;
  expect(filter, where).toBe(behind?.type === "done" ? "behind" : "all");
  if (story.old) expect(phone.state, where).toMatchObject(story.old.state);
  return heard;
}

describe.each(STORIES)("[G22] $name", (story) => {
  test.each([
    { keepsSockets: false, isAway: false },
    { keepsSockets: true, isAway: false },
    { keepsSockets: false, isAway: true },
  ])("ends well whoever is killed at whatever step ($keepsSockets, $isAway)", async (how) => {
    const smooth = await tell(story, { ...how, at: Number.POSITIVE_INFINITY });
    expect(smooth.heard, story.name).toMatchObject({ type: "done" });
    expectEnd(story, smooth);
    const kinds = new Set<string>();
    for (let at = 0; at < smooth.steps.length; at++) {
      const told = await tell(story, { ...how, at });
      // A kill that did not happen proves nothing.
      if (told.killed !== undefined) kinds.add(told.killed);
      const heard = expectEnd(story, told);
      // The action happens in the end: nobody but the page that went away may not hear of it.
      if (!how.isAway) expect(heard, `killed at ${told.killed}`).toMatchObject({ type: "done" });
    }
    expect(kinds.size).toBeGreaterThan(8);
  });
});

/** A login that the other instance refuses, with a kill at one step of it, behind what left no row. */
async function refused({ at, before }: { at: number; before: "nothing changed" | "it runs" }) {
  const world = new MoveWorld(todoModule);
  const phone = new MovePage(world, "phone", "phone");
  const mine = new MovePage(world, "s1", "mine");
  phone.act("login", alice);
  mine.act("add", "guest's");
  await run(phone, mine);
  phone.act("tag", "trap");
  await run(phone);
  phone.goOffline();
  const first = world.steps.length;
  world.killAt = first + at;
  const earlier = before === "it runs" ? mine.act("slowAdd", "never") : mine.act("filter", "all");
  const login = mine.act("login", alice);
  await rest(world, mine);
  gates.get("never")?.();
  await rest(world, mine);
  return { world, mine, earlier, login, steps: world.steps.slice(first) };
}

describe.each(["nothing changed", "it runs"] as const)("[G22] a refused login (%s)", (before) => {
  test("ends, whoever is killed at whatever step, also where what came before it is forgotten", async () => {
    const smooth = await refused({ at: Number.POSITIVE_INFINITY, before });
    for (let at = 0; at <= smooth.steps.length; at++) {
      const { world, mine, earlier, login, steps } = await refused({ at, before });
      const where = `killed at ${steps[at]}`;
      expect(login.outcome, where).toEqual({ type: "refused", code: "REFUSED" });
      expect(earlier.outcome, where).toBeDefined();
      expect((mine.state as TodoState).user, where).toBeNull();
      const [row] = world.database("session:s1").run("SELECT count(*) AS left FROM holdfast_moves");
      expect(row, where).toEqual({ left: 0 });
      expect(world.aborts, where).toEqual([]);
    }
    expect(smooth.steps.length).toBeGreaterThan(8);
  });
});
