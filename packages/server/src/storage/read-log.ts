import { CODEC_VERSION, COMMIT_PROTOCOL, type Limits } from "@holdfast/protocol";
import { Damage } from "./damage.ts";
import { decodeHead, type EntryHead, type RowHead } from "./journal-row.ts";
import { JournalLog } from "./journal-log.ts";
import type { MetaRow } from "./meta-row.ts";
import type { SqlPort, SqlRow } from "./sql-port.ts";
import { storedByNewer } from "./storage-failure.ts";
import { hasCommits, type StoredEntry } from "./stored-entry.ts";

/** The journal table as it was found. */
export interface FoundLog {
  readonly log: JournalLog;
  /** The newest version that can be restored, and its mark. */
  readonly version: number;
  readonly mark: string;
  /** Rows that cannot be read, with all that follow: the history ends before them. */
  readonly damage: Damage | undefined;
}

interface FoundRow {
  readonly slot: number;
  readonly bytes: number;
  readonly commitBytes: number;
  /** `undefined` when it cannot be decoded. */
  readonly head: RowHead | undefined;
}

interface FoundEntry {
  readonly head: EntryHead;
  readonly rows: readonly FoundRow[];
  readonly complete: boolean;
  /** Damaged; or one of the newest with commits that follow each other; or older. */
  place: "damaged" | "chain" | "older";
}

/**
 * One string for many rows: handing over each row by itself costs a Durable Object several times as
 * much. `LIMIT` makes SQLite build the heads first: otherwise it carries all texts through the grouping.
 */
const HEADS_TOGETHER = `SELECT '[' || group_concat(head) || ']' AS heads FROM (
    SELECT slot / 256 AS some, '[' || slot || ',' || ifnull(octet_length(commits), 0) || ',' ||
      ifnull(octet_length(answers), 0) || ',' || head || ']' AS head
    FROM holdfast_journal LIMIT -1)
  GROUP BY some`;

const HEADS_ONE_BY_ONE = `SELECT slot, octet_length(commits) AS commits,
    octet_length(answers) AS answers, head FROM holdfast_journal`;

/**
 * Reads what is known of the journal without its texts: which entries are in use, which slots are
 * free, which answers are open. Writes nothing.
 */
export function readLog(sql: SqlPort, limits: Limits, meta: MetaRow): FoundLog {
  const rows = readRows(sql);
  const entries = assemble(rows);
  const damage = findDamage(rows, entries, meta.version);
  const newest = findChain(entries);
  const log = new JournalLog(sql, limits);
  const free = new Map(rows.map((row) => [row.slot, row.bytes]));
  for (const slot of damage?.slots ?? []) free.delete(slot);
  const kept = entries.filter((entry) => isKept(entry, meta.folded));
  for (const entry of kept) for (const { slot } of entry.rows) free.delete(slot);
  for (const [slot, bytes] of free) log.includeFree(slot, bytes);
  for (const { head } of entries) log.includeWrite(head.write);
  for (const entry of kept) {
    const finished = entry.head.write <= meta.folded ? [] : entry.head.finished;
    log.include(toStored(entry), finished, entry.place === "chain");
  }
  log.release(meta.version);
  return newest && newest.last >= meta.version
    ? { log, version: newest.last, mark: newest.mark, damage }
    : { log, version: meta.version, mark: meta.mark, damage };
}

/** An older entry may be kept for its answers; one whose slots were written over is needed by nobody. */
function isKept({ place, complete, head }: FoundEntry, folded: number): boolean {
  return place === "chain" || (place === "older" && complete && head.write > folded);
}

function readRows(sql: SqlPort): FoundRow[] {
  const rows = readTogether(sql) ?? sql.run(HEADS_ONE_BY_ONE).map(readOne);
  for (const { head } of rows) {
    if (!head || head.type === "empty") continue;
    if (head.codec > CODEC_VERSION) {
      throw storedByNewer("The codec of a stored commit", head.codec, CODEC_VERSION);
    }
    if (head.type === "first" && head.entry.protocol > COMMIT_PROTOCOL) {
      throw storedByNewer("The protocol of a stored commit", head.entry.protocol, COMMIT_PROTOCOL);
    }
  }
  return rows;
}

/** `undefined` when one of them cannot be decoded, or they are too long for one string. */
function readTogether(sql: SqlPort): FoundRow[] | undefined {
  try {
    return sql.run(HEADS_TOGETHER).flatMap(({ heads }) => {
      const parsed: unknown = JSON.parse(String(heads));
      if (!Array.isArray(parsed)) throw new Error("The heads are not a list.");
      return parsed.map(([slot, commitBytes, answerBytes, head]) => ({
        slot,
        commitBytes,
        bytes: commitBytes + answerBytes,
        head: decodeHead(head),
      }));
    });
  } catch {
    return undefined;
  }
}

function readOne({ slot, commits, answers, head }: SqlRow): FoundRow {
  const commitBytes = Number(commits ?? 0);
  const row = { slot: Number(slot), commitBytes, bytes: commitBytes + Number(answers ?? 0) };
  try {
    return { ...row, head: decodeHead(JSON.parse(String(head))) };
  } catch {
    return { ...row, head: undefined };
  }
}

/** Puts the rows of each write together; in the order of their writes. */
function assemble(rows: readonly FoundRow[]): FoundEntry[] {
  const next = new Map<number, FoundRow[]>();
  for (const row of rows) {
    if (row.head?.type !== "next") continue;
    const list = next.get(row.head.write);
    if (list) list.push(row);
    else next.set(row.head.write, [row]);
  }
  const entries: FoundEntry[] = [];
  for (const row of rows) {
    if (row.head?.type !== "first") continue;
    const head = row.head.entry;
    const following = next.get(head.write)?.sort((a, b) => indexOf(a) - indexOf(b)) ?? [];
    const complete =
      following.length === head.rows - 1 && following.every((one, at) => indexOf(one) === at + 1);
    entries.push({ head, rows: [row, ...following], complete, place: "older" });
  }
  return entries.sort((a, b) => a.head.write - b.head.write);
}

function indexOf({ head }: FoundRow): number {
  return head?.type === "next" ? head.index : 0;
}

/** What lies above the checkpoint must follow it without a gap; what does not is damage. */
function findDamage(
  rows: readonly FoundRow[],
  entries: readonly FoundEntry[],
  checkpoint: number,
): Damage | undefined {
  const slots = rows.filter(({ head }) => head === undefined).map(({ slot }) => slot);
  const unreadable = slots.length;
  let version = checkpoint;
  let lost = false;
  for (const entry of entries) {
    const { head, complete } = entry;
    if (!hasCommits(head) || head.last <= checkpoint) continue;
    lost ||= !complete || head.first > version + 1 || head.last <= version;
    if (!lost) {
      version = head.last;
      continue;
    }
    entry.place = "damaged";
    for (const { slot } of entry.rows) slots.push(slot);
  }
  if (!lost && unreadable === 0) return undefined;
  const problem = lost
    ? `the journal is damaged behind version ${version}.`
    : "a row of the journal cannot be read.";
  return new Damage(problem, { table: "holdfast_journal", slots });
}

/** Marks the newest entries with commits that follow each other without a gap; the newest of them. */
function findChain(entries: readonly FoundEntry[]): EntryHead | undefined {
  let newest: EntryHead | undefined;
  let first = 0;
  for (let at = entries.length - 1; at >= 0; at--) {
    // True because `at` is an index.
    const entry = entries[at] as FoundEntry;
    if (entry.place === "damaged" || !hasCommits(entry.head)) continue;
    if (!entry.complete || (newest && entry.head.last !== first - 1)) break;
    newest ??= entry.head;
    first = entry.head.first;
    entry.place = "chain";
  }
  return newest;
}

function toStored({ head, rows }: FoundEntry): StoredEntry {
  return {
    write: head.write,
    first: head.first,
    last: head.last,
    mark: head.mark,
    time: head.time,
    bytes: rows.reduce((sum, { commitBytes }) => sum + commitBytes, 0),
    sendable: head.protocol === COMMIT_PROTOCOL,
    slots: rows.map(({ slot, bytes }) => ({ slot, bytes })),
    open: 0,
    pinned: false,
  };
}
