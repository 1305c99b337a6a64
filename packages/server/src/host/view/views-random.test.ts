import {
  applyPatches,
  canonicalEncode,
  cloneValue,
  type CommitMessage,
  decodeServerFrame,
  DEFAULT_LIMITS,
  type SnapshotMessage,
  type Value,
  type ValueObject,
} from "@holdfast/protocol";
import { expect, test } from "vitest";
import { app } from "../../module/builder.ts";
import { global } from "../../module/key-strategy.ts";
import { durableObjectStore } from "../../module/store.ts";
import type { ViewRules } from "../../module/view.ts";
import { openNodeSqlite } from "../../node/node-sqlite-port.ts";
import { Journal } from "../../storage/journal.ts";
import { seeded } from "../../storage/random-patches.fixture.ts";
import { TestConnection, TestInstance } from "../host.fixture.ts";
import { canariesIn, CanaryState } from "./canary-state.fixture.ts";
import { naiveView } from "./naive-view.fixture.ts";

const HISTORIES = Number(process.env["HOLDFAST_VIEW_HISTORIES"] ?? 150);
const FIRST_SEED = Number(process.env["HOLDFAST_VIEW_SEED"] ?? 0);
const STEPS = 14;
const SECRET = ["secret"];

/**
 * Random states, views and changes. Every text in a state is one of a kind. What a client makes of
 * its frames must be the state as a plain reading of the rules prunes it, and no text may be in a
 * frame that the viewer could not see in any of the versions that the frame is about.
 */
test(
  `[G15] [G7] [G9] ${HISTORIES} histories of random states, views and changes`,
  {
    timeout: 3_600_000,
  },
  () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + HISTORIES; seed++) {
      try {
        playHistory(seed);
      } catch (error) {
        throw new Error(`Seed ${seed}: ${(error as Error).message}`, { cause: error });
      }
    }
    // Views that hide nothing, or everything, would prove nothing.
    const { commits, bare, pruned, resumes, unasked } = counts;
    expect(commits).toBeGreaterThan(HISTORIES * 10);
    expect(bare).toBeGreaterThan(HISTORIES);
    expect(pruned).toBeGreaterThan(HISTORIES);
    expect(resumes).toBeGreaterThan(HISTORIES);
    expect(unasked).toBeGreaterThan(HISTORIES / 50);
  },
);

const counts = { commits: 0, bare: 0, pruned: 0, resumes: 0, unasked: 0 };

function playHistory(seed: number): void {
  const random = seeded(seed);
  const canary = new CanaryState(random);
  const initial = Object.fromEntries(
    ["a", "b", "c", "secret"].map((key) => [key, canary.value(3)]),
  ) as ValueObject;
  const rules = new Map<string, ViewRules>();
  const rulesOf = (viewer: string): ViewRules => rules.get(viewer) ?? {};
  for (const viewer of ["v0", "v1", "v2"]) rules.set(viewer, canary.rules(initial));
  const truth = new Truth(initial, canary, rulesOf);
  const viewers = [...rules.keys()].map((name) => new ViewedClient(truth, name));
  const anybody = (): ViewedClient => viewers[random(viewers.length)] as ViewedClient;
  for (let step = 0; step < STEPS; step++) {
    anybody().act(random(3) === 0 ? 1 + random(3) : 1);
    for (const viewer of viewers) viewer.check(rulesOf(viewer.name));
    if (random(4) > 0) continue;
    const gone = anybody();
    gone.leave();
    for (const viewer of viewers) if (viewer !== gone) viewer.act(random(2));
    if (random(3) === 0) rules.set(gone.name, canary.rules(truth.state));
    gone.join();
    for (const viewer of viewers) viewer.check(rulesOf(viewer.name));
  }
}

/** The instance, and its state as of each version, by what is stored. */
class Truth {
  readonly instance: TestInstance;
  readonly states: Value[];
  readonly #sql = openNodeSqlite(":memory:");
  #mark = "";

  constructor(initial: ValueObject, canary: CanaryState, rulesOf: (viewer: string) => ViewRules) {
    const module = app
      .defineState(initial)
      .persist(durableObjectStore(global()))
      .private(["secret"])
      .view(({ user }) => rulesOf(user.id))
      .onAction("mutate", ({ state }, times: number) => {
        for (let left = times; left > 0; left--) canary.mutate(state);
      })
      .build();
    const limits = { ratePerSecond: 1e9, rateBurst: 1e9 };
    this.instance = new TestInstance(module, { sql: this.#sql, limits });
    this.states = [cloneValue(initial)];
  }

  get state(): Value {
    return this.states.at(-1) as Value;
  }

  get version(): number {
    return this.states.length - 1;
  }

  catchUp(): void {
    const journal = Journal.open(this.#sql, { limits: DEFAULT_LIMITS, now: Date.now, epoch: "e" });
    const { epoch } = journal;
    for (const text of journal.resume({ epoch, version: this.version, mark: this.#mark }) ?? []) {
      const [commit] = decodeServerFrame(text) as [CommitMessage];
      this.states.push(applyPatches(this.state, commit.patches));
      this.#mark = commit.mark;
    }
  }
}

/** A client that does nothing but believe what it is told. */
class ViewedClient {
  readonly name: string;
  readonly #truth: Truth;
  #connection: TestConnection;
  #confirmed: Omit<SnapshotMessage, "type"> | undefined;
  #checked = 0;
  #seq = 0;
  #isGreeted = false;

  constructor(truth: Truth, name: string) {
    this.name = name;
    this.#truth = truth;
    this.#connection = this.#connect();
  }

  act(count: number): void {
    const { instance } = this.#truth;
    const messages = Array.from({ length: count }, () => ({
      type: "action" as const,
      client: this.name,
      seq: ++this.#seq,
      settled: this.#seq - 1,
      name: "mutate",
      payload: 1 + (this.#seq % 3),
    }));
    if (count > 0) instance.say(this.#connection, ...messages);
    this.#truth.catchUp();
  }

  leave(): void {
    this.#truth.instance.host.disconnect(this.#connection);
  }

  join(): void {
    this.#connection = this.#connect();
  }

  check(rules: ViewRules): void {
    const frames = this.#connection.frames.join("\n");
    for (const message of this.#connection.take()) {
      if (message.type === "snapshot") {
        this.#confirmed = message;
        if (this.#isGreeted) counts.unasked++;
        this.#isGreeted = true;
      } else if (message.type === "commit") this.#follow(message);
      else if (message.type === "resume") {
        counts.resumes++;
        this.#isGreeted = true;
        for (const commit of message.commits) this.#follow(commit);
      } else if (message.type !== "ack") throw new Error(JSON.stringify(message));
    }
    expect(this.#confirmed?.version).toBe(this.#truth.version);
    const seen = this.#truth.states
      .slice(this.#checked)
      .map((state) => canonicalEncode(naiveView(state, rules, SECRET)));
    expect(canonicalEncode(this.#confirmed?.state as Value)).toBe(seen.at(-1));
    const allowed = new Set(seen.flatMap(canariesIn));
    const leaked = canariesIn(frames).filter((one) => !allowed.has(one));
    if (leaked.length > 0) throw new Error(`${this.name} was sent ${leaked.join()}: ${frames}`);
    if (seen.at(-1) !== canonicalEncode(this.#truth.state)) counts.pruned++;
    this.#checked = this.#truth.version;
  }

  #connect(): TestConnection {
    const { instance } = this.#truth;
    const connection = new TestConnection(this.name);
    const known = this.#confirmed && {
      epoch: this.#confirmed.epoch,
      version: this.#confirmed.version,
      mark: this.#confirmed.mark,
      schema: this.#confirmed.schema,
    };
    instance.host.connect(connection);
    this.#isGreeted = false;
    instance.say(connection, {
      type: "hello",
      protocol: 1,
      clients: [{ id: this.name, settled: this.#seq }],
      ...known,
    });
    return connection;
  }

  #follow({ version, mark, patches }: CommitMessage): void {
    if (!this.#confirmed) throw new Error("A commit came before there was a state.");
    expect(version).toBe(this.#confirmed.version + 1);
    const state = applyPatches(this.#confirmed.state, patches);
    this.#confirmed = { ...this.#confirmed, version, mark, state };
    counts.commits++;
    if (patches.length === 0) counts.bare++;
  }
}
