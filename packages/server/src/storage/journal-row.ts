import { type Answer, CODEC_VERSION, COMMIT_PROTOCOL, type WireError } from "@holdfast/protocol";
import type { FinishedSequence, JournalEntry } from "./journal-entry.ts";

/** A finished sequence without its answer's text. */
export interface FinishedHead {
  readonly principal: string;
  readonly client: string;
  readonly settled: number;
  readonly seq: number;
  /** The version of an `ack`; `undefined` for a `reject`. */
  readonly version: number | undefined;
}

/** What is known of a durable write without reading its texts. */
export interface EntryHead {
  /** Counts the durable writes of the database. */
  readonly write: number;
  /** The versions of its commits; `first` is `last + 1` when there are none. */
  readonly first: number;
  readonly last: number;
  readonly mark: string;
  readonly time: number;
  /** How many rows it takes. */
  readonly rows: number;
  /** The number of the wire protocol that its commits are messages of. */
  readonly protocol: number;
  readonly finished: readonly FinishedHead[];
  /** Those of them that were patches of a client and made a version; none in what older code stored. */
  readonly patches: readonly PatchHead[];
}

/** Patches of a client, and the version that they made. */
export type PatchHead = FinishedHead & { readonly version: number };

/** The `head` column, decoded: of the first row of a write, or of one that continues it. */
export type RowHead =
  | { readonly type: "first"; readonly codec: number; readonly entry: EntryHead }
  | {
      readonly type: "next";
      readonly codec: number;
      readonly write: number;
      readonly index: number;
    }
  | { readonly type: "empty" };

/**
 * JSON writes no line break inside a text: between the commits of a row it needs no escaping, and
 * `[` + row + `]` is JSON all the same.
 */
const BETWEEN_COMMITS = ",\n";
const BETWEEN_ANSWERS = "\n";
/** Begins the answer of a refused sequence; no JSON text begins like this. */
const REJECTED = "!";

/** The head of a slot that was emptied. */
export const EMPTY_HEAD = "[]";

export function joinCommits(entry: JournalEntry): string | null {
  const { commits } = entry;
  if (commits.length === 0) return null;
  if (commits.length === 1) return commits[0]?.text ?? null;
  return commits.map(({ text }) => text).join(BETWEEN_COMMITS);
}

export function splitCommits(text: string): string[] {
  return text.split(BETWEEN_COMMITS);
}

/** One line per answer; `null` when no line has anything to say. */
export function joinAnswers(finished: readonly { readonly answer: Answer }[]): string | null {
  let text = "";
  let said = false;
  for (const [index, { answer }] of finished.entries()) {
    if (index > 0) text += BETWEEN_ANSWERS;
    if (answer.type === "reject") text += REJECTED + JSON.stringify(answer.error);
    else if (answer.result !== undefined) text += answer.result;
    else continue;
    said = true;
  }
  return said ? text : null;
}

/**
 * The answers that `joinAnswers` joined.
 *
 * @param versions those of the acks, in the same order; `undefined` for a refusal
 * @throws Error when the text is not of these answers
 */
export function splitAnswers(
  text: string | null,
  versions: readonly (number | undefined)[],
): Answer[] {
  const lines = text === null ? versions.map(() => "") : text.split(BETWEEN_ANSWERS);
  if (lines.length !== versions.length)
    throw new Error("The answers do not match their sequences.");
  return lines.map((line, index) => {
    const version = versions[index];
    if (line.startsWith(REJECTED) !== (version === undefined)) {
      throw new Error("The answers do not match their sequences.");
    }
    if (version !== undefined) {
      return { type: "ack", version, result: line === "" ? undefined : line };
    }
    // True because nothing else is written behind the sign; a broken JSON text throws.
    return { type: "reject", error: JSON.parse(line.slice(REJECTED.length)) as WireError };
  });
}

/**
 * `[codec, write, 0, first, last, mark, time, rows, protocol, finished]`, and behind it the indexes of
 * those that were patches, if there are any. Written by hand: it is on every action's way. Ids and
 * marks need no escaping.
 */
export function encodeHead(
  entry: JournalEntry,
  at: {
    readonly write: number;
    readonly version: number;
    readonly time: number;
    readonly rows: number;
  },
): string {
  const first = at.version + 1;
  const last = at.version + entry.commits.length;
  return `[${CODEC_VERSION},${at.write},0,${first},${last},"${entry.mark}",${at.time},${at.rows},${COMMIT_PROTOCOL},${encodeFinished(entry.finished)}${encodePatches(entry.finished)}]`;
}

export function encodeNextHead(write: number, index: number): string {
  return `[${CODEC_VERSION},${write},${index}]`;
}

/** @throws Error when it is no head of a journal row */
export function decodeHead(head: unknown): RowHead {
  if (!Array.isArray(head)) throw new Error("The head of a journal row is not a list.");
  if (head.length === 0) return { type: "empty" };
  const [codec, write, index] = head;
  if (!isCount(codec) || !isCount(write) || !isCount(index)) throw badHead();
  // A row of a newer codec may look otherwise from here on; what it is for is not asked.
  if (codec > CODEC_VERSION) return { type: "next", codec, write, index };
  if (head.length === 3 && index > 0) return { type: "next", codec, write, index };
  const [, , , first, last, mark, time, rows, protocol, finished, patches = []] = head;
  if (!isCount(first) || !isCount(last) || last < first - 1) throw badHead();
  if (typeof mark !== "string" || !isCount(time) || !isCount(rows) || rows === 0) throw badHead();
  if (!isCount(protocol) || !Array.isArray(finished) || !Array.isArray(patches)) throw badHead();
  const all = finished.flatMap(decodeFinished);
  const entry = {
    write,
    first,
    last,
    mark,
    time,
    rows,
    protocol,
    finished: all,
    patches: patches.map((index: unknown) => patchAt(all, index)),
  };
  return { type: "first", codec, entry };
}

/** `[principal, client, settled, seq, version, seq, version, …]` for each run of one client's sequences. */
function encodeFinished(finished: readonly FinishedSequence[]): string {
  let text = "";
  let open: FinishedSequence | undefined;
  for (const one of finished) {
    if (
      open?.principal !== one.principal ||
      open.client !== one.client ||
      open.settled !== one.settled
    ) {
      text += open ? "],[" : "[[";
      text += `${JSON.stringify(one.principal)},"${one.client}",${one.settled}`;
      open = one;
    }
    text += `,${one.seq},${one.answer.type === "ack" ? one.answer.version : -1}`;
  }
  return open ? `${text}]]` : "[]";
}

/** `,[index, …]`: an action that changed nothing may be answered with the same version. */
function encodePatches(finished: readonly FinishedSequence[]): string {
  let text = "";
  for (const [index, { isPatch }] of finished.entries()) {
    if (isPatch) text += text === "" ? `,[${index}` : `,${index}`;
  }
  return text === "" ? "" : `${text}]`;
}

function patchAt(finished: readonly FinishedHead[], index: unknown): PatchHead {
  const one = isCount(index) ? finished[Number(index)] : undefined;
  if (one?.version === undefined) throw badHead();
  return { ...one, version: one.version };
}

function decodeFinished(group: unknown): FinishedHead[] {
  if (!Array.isArray(group) || group.length % 2 === 0) throw badHead();
  const [principal, client, settled, ...sequences] = group;
  if (typeof principal !== "string" || typeof client !== "string" || !isCount(settled))
    throw badHead();
  const finished: FinishedHead[] = [];
  for (let index = 0; index < sequences.length; index += 2) {
    const seq: unknown = sequences[index];
    const version: unknown = sequences[index + 1];
    if (!isCount(seq) || !(isCount(version) || version === -1)) throw badHead();
    finished.push({
      principal,
      client,
      settled,
      seq,
      version: version === -1 ? undefined : version,
    });
  }
  return finished;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function badHead(): Error {
  return new Error("The head of a journal row does not have its shape.");
}
