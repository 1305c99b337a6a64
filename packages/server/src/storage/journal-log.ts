import { exceedsBytes, type Limits, utf8Length } from "@holdfast/protocol";
import { cutText } from "./cut-text.ts";
import type { JournalEntry } from "./journal-entry.ts";
import {
  decodeHead,
  encodeHead,
  encodeNextHead,
  EMPTY_HEAD,
  type FinishedHead,
  joinAnswers,
  joinCommits,
  type PatchHead,
  splitCommits,
} from "./journal-row.ts";
import { OpenAnswers } from "./open-answers.ts";
import { ResumeWindow } from "./resume-window.ts";
import { SlotPool } from "./slot-pool.ts";
import type { SqlPort } from "./sql-port.ts";
import { hasCommits, type StoredEntry } from "./stored-entry.ts";

interface Row {
  readonly slot: number;
  readonly head: string;
  readonly commits: string | null;
  readonly answers: string | null;
  readonly bytes: number;
}

/** A durable write that is ready to be put. */
export interface PreparedWrite {
  readonly write: number;
  readonly time: number;
  readonly rows: readonly Row[];
  /** What its commits occupy. */
  readonly bytes: number;
}

/** So many bytes of rows may be kept for their answers only. */
const PINNED_BYTES = 4 * 1024 * 1024;
/** Commits of up to so many bytes are read with one statement. */
const READ_TOGETHER_BYTES = 256 * 1024;
/** So many bytes may lie idle in free slots, before the largest are emptied. */
const IDLE_BYTES = 4 * 1024 * 1024;
/** A page of SQLite: what is smaller gives back next to nothing, and is written over like any other. */
const PAGE_BYTES = 4096;

/** Stands between the commits of two rows that are read together; no JSON text holds it. */
const BETWEEN_ROWS = "\u001e";
const READ_TOGETHER = `SELECT group_concat(commits, char(30) ORDER BY list.key) AS texts
  FROM json_each(?) AS list JOIN holdfast_journal ON slot = list.value`;
const READ_HEADS = `SELECT head
  FROM json_each(?) AS list JOIN holdfast_journal ON slot = list.value`;
/*
 * Not `INSERT OR REPLACE`: it may delete other rows, so SQLite keeps a journal of the statement in a
 * file beside, for each one, and on a Durable Object that takes many times as long as the write.
 */
const PUT_COMMITS = `INSERT INTO holdfast_journal (slot, head, commits) VALUES (?, ?, ?)
  ON CONFLICT (slot) DO UPDATE SET head = excluded.head, commits = excluded.commits, answers = NULL`;
const PUT_ALL = `INSERT INTO holdfast_journal (slot, head, commits, answers) VALUES (?, ?, ?, ?)
  ON CONFLICT (slot) DO UPDATE
    SET head = excluded.head, commits = excluded.commits, answers = excluded.answers`;

/**
 * The journal table and what is known of its rows without reading them. A row is free once its
 * commits are outside the resume window, the checkpoint has them, and nobody needs its answers.
 */
export class JournalLog {
  readonly #sql: SqlPort;
  readonly #limits: Limits;
  readonly #slots = new SlotPool();
  readonly #window: ResumeWindow;
  /** Out of use but for their answers, oldest first. */
  readonly #pinned = new Set<StoredEntry>();
  #pinnedBytes = 0;
  readonly answers: OpenAnswers = new OpenAnswers((entry) => this.#closed(entry));
  #lastWrite = 0;

  constructor(sql: SqlPort, limits: Limits) {
    this.#sql = sql;
    this.#limits = limits;
    this.#window = new ResumeWindow(limits);
  }

  get lastWrite(): number {
    return this.#lastWrite;
  }

  /** A slot that exists and is free: one that was emptied, or whose entry is of no use. */
  includeFree(slot: number, bytes: number): void {
    this.#slots.include(slot);
    this.#freeSlot(slot, bytes);
  }

  /** A write whose number is taken, though nothing of it is left. */
  includeWrite(write: number): void {
    this.#lastWrite = Math.max(this.#lastWrite, write);
  }

  /** An entry that is stored. Entries come in the order of their writes. */
  include(entry: StoredEntry, finished: readonly FinishedHead[], inUse: boolean): void {
    this.includeWrite(entry.write);
    for (const { slot } of entry.slots) this.#slots.include(slot);
    for (const [index, one] of finished.entries()) this.answers.add(one, entry, index);
    if (inUse && hasCommits(entry)) this.#window.push(entry);
    else this.#pinOrFree(entry);
  }

  /** Lays out the rows of a durable write. Changes nothing. */
  prepare(entry: JournalEntry, version: number, time: number): PreparedWrite {
    const write = this.#lastWrite + 1;
    const commits = joinCommits(entry);
    const answers = joinAnswers(entry.finished);
    const bytes = commits === null ? 0 : utf8Length(commits);
    const head = encodeHead(entry, { write, version, time, rows: 1 });
    const limit = this.#limits.rowBytes - bytes - head.length * 3;
    if (answers === null ? limit >= 0 : limit > 0 && !exceedsBytes(answers, limit)) {
      const size = bytes + head.length + (answers?.length ?? 0);
      const row = { slot: this.#slots.peek(), head, commits, answers, bytes: size };
      return { write, time, rows: [row], bytes };
    }
    const pieces = [
      ...this.#cut(commits).map((commits) => ({ commits, answers: null, size: commits.length })),
      ...this.#cut(answers).map((answers) => ({ commits: null, answers, size: answers.length })),
    ];
    const rows = pieces.length + 1;
    const firstHead = encodeHead(entry, { write, version, time, rows });
    const all = [{ commits: null, answers: null, size: firstHead.length }, ...pieces];
    return {
      write,
      time,
      bytes,
      rows: all.map(({ commits, answers, size }, index) => ({
        slot: this.#slots.peek(index),
        head: index === 0 ? firstHead : encodeNextHead(write, index),
        commits,
        answers,
        bytes: size,
      })),
    };
  }

  /** Stores a prepared write; atomic by itself if it has one row. */
  put({ rows }: PreparedWrite): void {
    for (const { slot, head, commits, answers } of rows) {
      // Every binding costs about a microsecond on a Durable Object.
      if (answers === null) this.#sql.run(PUT_COMMITS, slot, head, commits);
      else this.#sql.run(PUT_ALL, slot, head, commits, answers);
    }
  }

  /** A prepared write is durable. */
  added({ write, time, rows, bytes }: PreparedWrite, entry: JournalEntry, version: number): void {
    // Before the answers are looked at: what they report frees other slots.
    this.#slots.take(rows.map(({ slot }) => slot));
    const stored: StoredEntry = {
      write,
      first: version + 1,
      last: version + entry.commits.length,
      mark: entry.mark,
      time,
      bytes,
      sendable: true,
      // Not the rows themselves: they hold the texts.
      slots: rows.map(({ slot, bytes }) => ({ slot, bytes })),
      open: 0,
      pinned: false,
    };
    this.#lastWrite = write;
    for (const [index, one] of entry.finished.entries()) {
      this.answers.add(one, stored, index);
    }
    if (hasCommits(stored)) this.#window.push(stored);
    else this.#pinOrFree(stored);
  }

  /** Lets go of the rows that neither a resume nor a restore from the checkpoint at `version` needs. */
  release(version: number): void {
    this.#window.release(version, (entry) => this.#pinOrFree(entry));
  }

  above(version: number): StoredEntry[] {
    return this.#window.above(version);
  }

  /**
   * The texts of the commits after `version`, at most `most` characters or one commit; `undefined`
   * outside the window or in another history.
   *
   * @param mark `undefined` for a version that is known to be of this history
   */
  textsAfter(version: number, mark: string | undefined, most: number): string[] | undefined {
    const entries = this.#window.after(version, mark);
    if (!entries) return undefined;
    const texts: string[] = [];
    let left = most;
    for (const { entry, commits } of this.readCommits(entries)) {
      const all = splitCommits(commits);
      for (const text of entry.first > version ? all : all.slice(version - entry.first + 1)) {
        left -= text.length;
        if (left < 0 && texts.length > 0) return texts;
        texts.push(text);
      }
    }
    return texts;
  }

  /**
   * The joined commits of each entry: `[` + text + `]` is JSON. Read in groups: a statement for each
   * row is most of what it costs.
   */
  *readCommits(
    entries: readonly StoredEntry[],
  ): Generator<{ readonly entry: StoredEntry; readonly commits: string }> {
    for (let at = 0; at < entries.length;) {
      const group = groupAt(entries, at);
      const texts = this.#readTogether(group);
      for (const [index, entry] of group.entries()) {
        // True because there are as many texts as entries.
        yield { entry, commits: texts[index] as string };
      }
      at += group.length;
    }
  }

  /** Which patches of clients made versions after `version`, as far as the commits are in the window. */
  patchesAfter(version: number): PatchHead[] {
    const entries = this.#window.after(version, undefined) ?? [];
    const slots = entries.map(({ slots }) => slots[0]?.slot);
    return this.#sql.run(READ_HEADS, JSON.stringify(slots)).flatMap(({ head }) => {
      const decoded = decodeHead(JSON.parse(String(head)));
      const patches = decoded.type === "first" ? decoded.entry.patches : [];
      return patches.filter((one) => one.version > version);
    });
  }

  /** The `head` and the joined answers of an entry. */
  readAnswers({ slots }: StoredEntry): { head: string; answers: string | null } {
    const texts = slots.map(({ slot }) => this.#read("answers", slot));
    const head = slots[0] ? this.#read("head", slots[0].slot) : "";
    return { head, answers: texts.every((text) => text === "") ? null : texts.join("") };
  }

  /** Up to which durable write answers should be folded now; `undefined` when there is no need. */
  foldDue(): number | undefined {
    if (!this.#foldDue) return undefined;
    // The younger half may yet be reported by its clients, and never cost a row.
    const oldest = [...this.#pinned].map(({ write }) => write).sort((a, b) => a - b);
    return this.#pinnedBytes < PINNED_BYTES ? oldest[oldest.length >> 1] : oldest.at(-1);
  }

  /** Whether answers should be folded, or idle slots emptied. */
  get upkeepDue(): boolean {
    return this.#foldDue || this.#slots.freeBytes > IDLE_BYTES;
  }

  /** Empties the largest free slots in place, if too much lies idle; what to do once that is durable. */
  emptyIdle(): () => void {
    const slots = this.#slots.freeBytes > IDLE_BYTES ? this.#slots.largest(IDLE_BYTES / 2) : [];
    for (const { slot } of slots) this.#sql.run(PUT_COMMITS, slot, EMPTY_HEAD, null);
    return () => this.#slots.emptied(slots);
  }

  get #foldDue(): boolean {
    return this.#pinned.size >= this.#limits.answerRows || this.#pinnedBytes >= PINNED_BYTES;
  }

  #readTogether(group: readonly StoredEntry[]): string[] {
    const [first] = group;
    if (group.length === 1 && first) {
      return [first.slots.map(({ slot }) => this.#read("commits", slot)).join("")];
    }
    const slots = group.map((entry) => entry.slots[0]?.slot);
    const [row] = this.#sql.run(READ_TOGETHER, JSON.stringify(slots));
    const texts = String(row?.["texts"]).split(BETWEEN_ROWS);
    if (texts.length !== group.length) throw new Error("Rows of the journal are missing.");
    return texts;
  }

  #read(column: "head" | "commits" | "answers", slot: number): string {
    const [row] = this.#sql.run(`SELECT ${column} FROM holdfast_journal WHERE slot = ?`, slot);
    const text = row?.[column] ?? "";
    if (!row || typeof text !== "string") throw new Error(`Row ${slot} of the journal is missing.`);
    return text;
  }

  #cut(text: string | null): string[] {
    return text === null ? [] : cutText(text, this.#limits.rowBytes);
  }

  #pinOrFree(entry: StoredEntry): void {
    if (entry.open === 0) {
      this.#free(entry);
      return;
    }
    entry.pinned = true;
    this.#pinned.add(entry);
    this.#pinnedBytes += sizeOf(entry);
  }

  #closed(entry: StoredEntry): void {
    if (!entry.pinned) return;
    this.#pinned.delete(entry);
    this.#pinnedBytes -= sizeOf(entry);
    this.#free(entry);
  }

  #free(entry: StoredEntry): void {
    for (const { slot, bytes } of entry.slots) this.#freeSlot(slot, bytes);
  }

  #freeSlot(slot: number, bytes: number): void {
    this.#slots.free(slot, bytes >= PAGE_BYTES ? bytes : 0);
  }
}

/** The entries from `at` on that are read together: of one row each, and not too much. */
function groupAt(entries: readonly StoredEntry[], at: number): readonly StoredEntry[] {
  let bytes = 0;
  let end = at;
  for (; end < entries.length; end++) {
    // True because `end` is below the length.
    const entry = entries[end] as StoredEntry;
    bytes += entry.bytes;
    if (end > at && (bytes > READ_TOGETHER_BYTES || entry.slots.length > 1)) break;
    if (entry.slots.length > 1) return [entry];
  }
  return entries.slice(at, end);
}

function sizeOf({ slots }: StoredEntry): number {
  return slots.reduce((sum, { bytes }) => sum + bytes, 0);
}
