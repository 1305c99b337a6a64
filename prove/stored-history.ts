import {
  type Answer,
  applyPatches,
  canonicalEncode,
  DEFAULT_LIMITS,
  encodeMessage,
  type Limits,
  type Patch,
  type Value,
} from "@holdfast/protocol";
import { Journal } from "@holdfast/server/internal/storage/journal";
import type {
  FinishedSequence,
  JournalCommit,
  JournalEntry,
} from "@holdfast/server/internal/storage/journal-entry";
import type { SqlPort } from "@holdfast/server/internal/storage/sql-port";
import { randomPatch, type Random } from "@holdfast/server/internal/storage/random-patches.fixture";

const META = { module: "list", key: "", schema: 1 };
const EPOCH = "epoch";

/** So that a short history has checkpoints of many parts, folded answers, and slots used again. */
const LIMITS: Limits = {
  ...DEFAULT_LIMITS,
  resumeVersions: 8,
  partBytes: 512,
  rowBytes: 4_096,
  checkpointCommits: 6,
  checkpointCommitsPerPart: 0,
  checkpointPace: 0,
  answerRows: 6,
  reportedClients: 2,
};

/** So often the journal that writes is asked what one that has just been opened is asked. */
const LOOK_EVERY = 10;

/** One durable write, as it was told. */
interface Write {
  readonly version: number;
  readonly mark: string;
  /** Canonical. */
  readonly state: string;
  readonly texts: readonly string[];
  readonly finished: readonly FinishedSequence[];
}

type Answers = Map<string, { settled: number; readonly bySeq: Map<number, Answer> }>;

/** A journal that is driven as a host drives it, and a plain memory of everything that it was given. */
export class StoredHistory {
  readonly #random: Random;
  readonly #journal: Journal;
  readonly #writes: Write[];
  readonly #sequences = new Map<string, number>();
  #state: Value;

  /** @param past what is stored there: what `find` has found */
  constructor(sql: SqlPort, random: Random, past: readonly Write[] = []) {
    this.#random = random;
    this.#journal = open(sql);
    const stored = this.#journal.restore();
    this.#state = stored ?? initialState();
    this.#writes = [...past];
  }

  get writes(): number {
    return this.#writes.length;
  }

  get past(): readonly Write[] {
    return this.#writes;
  }

  /** One durable write of one or a few actions, and what the journal has to do behind it. */
  write(): void {
    const before = this.#state;
    const entry = this.#entry();
    if (this.#journal.overtakes(entry.commits)) this.#journal.keep(before);
    this.#journal.write(entry);
    this.#state = entry.state();
    this.#writes.push({
      version: this.#journal.version,
      mark: this.#journal.mark,
      state: canonicalEncode(this.#state),
      texts: entry.commits.map(({ text }) => text),
      finished: entry.finished,
    });
    if (this.#journal.checkpointDue()) this.#journal.checkpoint(this.#state);
    if (this.#writes.length % LOOK_EVERY > 0) return;
    checkResume(this.#journal, this.#writes);
    if (!hasAnswers(this.#journal, this.#writes, this.#writes.length)) {
      throw new NotAPrefix("the answers, while it is written");
    }
  }

  #entry(): JournalEntry {
    const random = this.#random;
    const mark = `mark-${this.#writes.length}-${random(1_000_000)}`;
    const commits: JournalCommit[] = [];
    const finished: FinishedSequence[] = [];
    let state = this.#state;
    for (let left = random(5) === 0 ? 1 + random(3) : 1; left > 0; left--) {
      const refused = random(6) === 0;
      if (!refused) {
        const patches = this.#patches(state);
        state = applyPatches(state, patches);
        const version = this.#journal.version + commits.length + 1;
        const text = encodeMessage({ type: "commit", version, mark, patches });
        commits.push({ version, text, patches });
      }
      finished.push(this.#finished(this.#journal.version + commits.length, refused));
    }
    return { meta: META, mark, commits, finished, state: () => state };
  }

  /** Mostly small changes here and there, so that a round has far more to take than they bring. */
  #patches(state: Value): Patch[] {
    const random = this.#random;
    // True because an object is what every history begins with.
    const { items } = state as { items?: unknown };
    if (!Array.isArray(items) || items.length < 20)
      return [{ op: "replace", path: [], value: initialState() }];
    const at = random(items.length);
    switch (random(8)) {
      case 0:
        return [randomPatch(random, state, 6)];
      case 1:
        return [
          { op: "splice", path: ["items"], index: random(items.length), remove: 0, value: [at] },
          { op: "splice", path: ["items"], index: at, remove: 1, value: [] },
        ];
      case 2:
        return [
          { op: "splice", path: ["items"], index: at - (at % 2), remove: 1, value: [[at], null] },
        ];
      default:
        return [{ op: "replace", path: ["items", at], value: `edited ${at}` }];
    }
  }

  /** By a client that reports as it goes, one that hardly does, or one of many that never do. */
  #finished(version: number, refused: boolean): FinishedSequence {
    const random = this.#random;
    const client = ["loyal", "quiet", `once ${random(30)}`][random(3)] ?? "";
    const seq = (this.#sequences.get(client) ?? 0) + 1;
    this.#sequences.set(client, seq);
    const settled =
      client === "loyal"
        ? seq - 1
        : client === "quiet"
          ? Math.max(0, seq - 20)
          : Math.max(0, seq - 3);
    const answer: Answer = refused
      ? { type: "reject", error: { code: "REFUSED", message: "no" } }
      : { type: "ack", version, result: `"${"r".repeat(random(60))}"` };
    return { principal: "alice", client, seq, settled, answer };
  }
}

/** A stored history that is not a prefix of what was told; the message says how. */
export class NotAPrefix extends Error {}

/**
 * Up to which of `writes` a database holds the history.
 *
 * @throws NotAPrefix when it holds anything else
 */
export function find(sql: SqlPort, writes: readonly Write[]): number {
  const journal = open(sql);
  if (journal.failure) throw new NotAPrefix(`it cannot be opened: ${journal.failure.message}`);
  const state = journal.restore();
  if (state === undefined) return 0;
  const last = writes.findLastIndex(({ version }) => version === journal.version);
  const newest = writes[last];
  if (!newest) throw new NotAPrefix(`version ${journal.version} was never written`);
  if (newest.mark !== journal.mark) throw new NotAPrefix(`the mark of version ${newest.version}`);
  if (newest.state !== canonicalEncode(state)) {
    throw new NotAPrefix(`the state of version ${newest.version}`);
  }
  checkResume(journal, writes.slice(0, last + 1));
  // Writes that made no version tell themselves apart by their answers only.
  for (let at = last; at >= 0 && writes[at]?.version === journal.version; at--) {
    if (hasAnswers(journal, writes, at + 1)) return at + 1;
  }
  throw new NotAPrefix(`the answers at version ${newest.version}`);
}

function checkResume(journal: Journal, writes: readonly Write[]): void {
  const texts = writes.flatMap((write) => write.texts);
  for (let back = 0; back <= LIMITS.resumeVersions * 2; back++) {
    const version = journal.version - back;
    const mark = version === 0 ? "" : writes.find((write) => write.version >= version)?.mark;
    if (version < 0 || mark === undefined) return;
    const resumed = journal.resume({ epoch: EPOCH, version, mark });
    // A row of several commits is in the window whole or not at all.
    if (resumed === undefined && back <= LIMITS.resumeVersions / 2)
      throw new NotAPrefix(`no resume from ${version} at ${journal.version}`);
    if (resumed && resumed.join() !== texts.slice(version).join())
      throw new NotAPrefix(`the resume from ${version} at ${journal.version}`);
  }
}

/** Whether a journal gives, to every client, the answers of the first `count` writes. */
function hasAnswers(journal: Journal, writes: readonly Write[], count: number): boolean {
  const expected = answersOf(writes.slice(0, count));
  for (const client of answersOf(writes).keys()) {
    const known = expected.get(client);
    const record = journal.client("alice", client);
    const open = [...(known?.bySeq ?? [])].filter(([seq]) => seq > (known?.settled ?? 0));
    const given = record?.answers.filter(([seq]) => seq > (known?.settled ?? 0)) ?? [];
    if (JSON.stringify(open) !== JSON.stringify(given)) return false;
  }
  return true;
}

function answersOf(writes: readonly Write[]): Answers {
  const answers: Answers = new Map();
  for (const { finished } of writes) {
    for (const { client, seq, settled, answer } of finished) {
      const known = answers.get(client) ?? { settled: 0, bySeq: new Map<number, Answer>() };
      known.settled = Math.max(known.settled, settled);
      known.bySeq.set(seq, answer);
      answers.set(client, known);
    }
  }
  return answers;
}

function open(sql: SqlPort): Journal {
  return Journal.open(sql, { limits: LIMITS, now: () => 1_800_000_000_000, epoch: EPOCH });
}

function initialState(): Value {
  return {
    count: 0,
    items: Array.from({ length: 150 }, (_, id) => ({ id, text: `the text of item ${id}` })),
    map: new Map(Array.from({ length: 30 }, (_, id) => [id, `value ${id}`])),
  };
}
