import { applyPatches, canonicalEncode, DEFAULT_LIMITS, encodeMessage } from "@holdfast/protocol";
import type { Answer, Limits, Patch, Value } from "@holdfast/protocol";
import { expect, test } from "vitest";
import type { OpenTestDatabase } from "./database.fixture.ts";
import type { FinishedSequence, JournalEntry } from "./journal-entry.ts";
import { Journal } from "./journal.ts";
import type { SqlPort } from "./sql-port.ts";

export const META = { module: "counter", key: "general", schema: 1 };
export const EPOCH = "the-epoch";

/** One action: what it changes, and whose it is. */
export interface TestAction {
  readonly patches: readonly Patch[];
  readonly by?: Omit<FinishedSequence, "answer"> & { readonly answer?: Answer };
}

/** What a client must be told when it asks: the model that `Journal.client` is held against. */
interface ModelClient {
  settled: number;
  readonly answers: Map<number, Answer>;
}

/** A journal driven as a host drives it, beside a plain model of what must be durable. */
export class TestHistory {
  readonly limits: Limits;
  readonly sql: SqlPort;
  journal: Journal;
  now = 1_800_000_000_000;
  schema = META.schema;
  state: Value;
  /** The text of each version; the one of version 1 stands at 1. */
  readonly texts: string[] = [""];
  readonly marks: string[] = [""];
  readonly clients = new Map<string, ModelClient>();
  checkpoints = 0;

  constructor(sql: SqlPort, options: { limits?: Partial<Limits>; state?: Value } = {}) {
    this.sql = sql;
    this.limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.state = options.state ?? { count: 0 };
    this.journal = this.open();
    const stored = this.journal.restore();
    if (stored !== undefined) this.state = stored;
  }

  get version(): number {
    return this.texts.length - 1;
  }

  open(): Journal {
    return Journal.open(this.sql, { limits: this.limits, now: () => this.now, epoch: EPOCH });
  }

  /** The entry that one durable write of these actions makes; changes nothing. */
  entry(actions: readonly TestAction[]): JournalEntry {
    const mark = `mark-${this.version + 1}`;
    const commits: { version: number; text: string; patches: readonly Patch[] }[] = [];
    const finished: FinishedSequence[] = [];
    let { state } = this;
    for (const { patches, by } of actions) {
      if (patches.length > 0) {
        const version = this.version + 1 + commits.length;
        commits.push({
          version,
          text: encodeMessage({ type: "commit", version, mark, patches }),
          patches,
        });
        state = applyPatches(state, patches);
      }
      const version = this.version + commits.length;
      if (by) finished.push({ answer: { type: "ack", version, result: undefined }, ...by });
    }
    return { meta: { ...META, schema: this.schema }, mark, commits, finished, state: () => state };
  }

  /** One durable write, and the checkpoint where that is due. */
  write(...actions: TestAction[]): void {
    const entry = this.entry(actions);
    this.store(entry);
    this.stored(entry);
    this.upkeep();
  }

  /** The durable write alone, as a host makes it. */
  store(entry: JournalEntry): void {
    if (this.journal.overtakes(entry.commits)) this.journal.keep(this.state);
    this.journal.write(entry);
  }

  /** The model takes note of what was written. */
  stored(entry: JournalEntry): void {
    this.state = entry.state();
    for (const { text } of entry.commits) {
      this.texts.push(text);
      this.marks.push(entry.mark);
    }
    for (const { principal, client, seq, settled, answer } of entry.finished) {
      this.settle(principal, client, settled);
      this.#client(principal, client).answers.set(seq, answer);
    }
  }

  settle(principal: string, client: string, settled: number): void {
    const known = this.#client(principal, client);
    known.settled = Math.max(known.settled, settled);
    for (const seq of known.answers.keys()) if (seq <= settled) known.answers.delete(seq);
  }

  upkeep(): void {
    // What one makes room for may be due itself: answers whose rows are no longer needed otherwise.
    for (let times = 0; this.journal.checkpointDue(); times++) {
      this.journal.checkpoint(this.state);
      this.checkpoints++;
      expect(times).toBeLessThan(5);
    }
  }

  /** Commits that add to a counter, one durable write each. */
  count(times: number): void {
    for (let time = 0; time < times; time++) {
      const { count } = this.state as { count: number };
      this.write({ patches: [{ op: "replace", path: ["count"], value: count + 1 }] });
    }
  }

  /** As after an eviction: a new journal on the same database, held against the model. */
  wake(): void {
    this.journal = this.open();
    const state = this.journal.restore();
    expect(this.journal.failure).toBe(undefined);
    expect(this.journal.epoch).toBe(EPOCH);
    expect(this.journal.version).toBe(this.version);
    expect(this.journal.mark).toBe(this.marks.at(-1));
    expect(canonicalEncode(state)).toBe(canonicalEncode(this.state));
    if (state !== undefined) this.state = state;
    this.checkClients();
  }

  /** Every answer that a client may still ask for is given as it was stored. */
  checkClients(): void {
    for (const [key, { settled, answers }] of this.clients) {
      const [principal, client] = JSON.parse(key) as [string, string];
      const record = this.journal.client(principal, client);
      const given = new Map(record?.answers.filter(([seq]) => seq > settled));
      expect(given, `client ${key}`).toEqual(answers);
    }
  }

  resume(version: number, mark: string | undefined = this.marks[version]): string[] | undefined {
    return this.journal.resume({ epoch: EPOCH, version, mark: mark ?? "none" });
  }

  /** What one version's resume must be. */
  after(version: number): string[] {
    return this.texts.slice(version + 1);
  }

  #client(principal: string, client: string): ModelClient {
    const key = JSON.stringify([principal, client]);
    let known = this.clients.get(key);
    if (!known) this.clients.set(key, (known = { settled: 0, answers: new Map() }));
    return known;
  }
}

/** The first thing that alice's tab does, or a later one. */
export function aliceDid(seq: number, settled = 0): Omit<FinishedSequence, "answer"> {
  return { principal: "alice", client: "tab", seq, settled };
}

/** Everything in the database, to compare. */
export function dump(sql: SqlPort): unknown {
  const tables = sql.run(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\' ORDER BY name",
  );
  return tables.map(({ name }) => [name, sql.run(`SELECT * FROM ${String(name)}`)]);
}

/** A test in a fresh database, with a history that has written nothing yet. */
export function historyTest(
  open: OpenTestDatabase,
): (
  name: string,
  work: (history: TestHistory, sql: SqlPort) => void,
  options?: ConstructorParameters<typeof TestHistory>[1],
) => void {
  return (name, work, options) => {
    test(name, async () => {
      const database = await open();
      await database.use((sql) => work(new TestHistory(sql, options), sql));
    });
  };
}
