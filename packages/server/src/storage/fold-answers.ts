import type { Answer } from "@holdfast/protocol";
import type { ClientRows, KeptAnswer } from "./client-rows.ts";
import type { ClientRecord } from "./journal-entry.ts";
import type { JournalLog } from "./journal-log.ts";
import { decodeHead, splitAnswers } from "./journal-row.ts";
import type { OpenAnswer } from "./open-answers.ts";
import type { StoredEntry } from "./stored-entry.ts";

/**
 * Takes the open answers of the durable writes up to `upTo` over into the clients' rows, so that the
 * journal's may be written over. Inside a transaction.
 *
 * @returns what to do once that is durable
 */
export function foldAnswers(
  log: JournalLog,
  rows: ClientRows,
  upTo: number,
  now: number,
): () => void {
  const reader = new AnswerReader(log);
  const clients = log.answers.upTo(upTo);
  for (const { track, answers } of clients) {
    const { principal, client, settled } = track;
    const kept = rows.read(principal, client, now).answers.filter(({ seq }) => seq > settled);
    const all = inOrder([...kept, ...answers.map((one) => reader.read(one))]);
    rows.write(principal, client, { settled, answers: all });
  }
  rows.expire(now);
  return () => {
    for (const { track } of clients) log.answers.folded(track, upTo);
  };
}

/** Everything that is known of one client's answers, in the journal and in its row. */
export function findClient(
  log: JournalLog,
  rows: ClientRows,
  client: { readonly principal: string; readonly client: string },
  now: number,
): ClientRecord | undefined {
  const track = log.answers.find(client.principal, client.client);
  const reader = new AnswerReader(log);
  const kept = rows.read(client.principal, client.client, now);
  const answers = inOrder([...kept.answers, ...(track?.open ?? []).map((one) => reader.read(one))]);
  if (answers.length === 0) return undefined;
  const settled = Math.max(kept.settled, track?.settled ?? 0);
  return {
    ...client,
    settled,
    answers: answers.filter(({ seq }) => seq > settled).map(({ seq, answer }) => [seq, answer]),
  };
}

/** Reads the answers of a row once, however many of them are asked for in a row. */
class AnswerReader {
  readonly #log: JournalLog;
  #entry: StoredEntry | undefined;
  #answers: readonly Answer[] = [];

  constructor(log: JournalLog) {
    this.#log = log;
  }

  read({ seq, entry, index }: OpenAnswer): KeptAnswer {
    if (this.#entry !== entry) {
      const { head, answers } = this.#log.readAnswers(entry);
      const decoded = decodeHead(JSON.parse(head));
      if (decoded.type !== "first") throw new Error("A row of the journal is not what it was.");
      this.#answers = splitAnswers(
        answers,
        decoded.entry.finished.map(({ version }) => version),
      );
      this.#entry = entry;
    }
    const answer = this.#answers[index];
    if (!answer) throw new Error("A row of the journal is not what it was.");
    return { seq, time: entry.time, answer };
  }
}

function inOrder(answers: readonly KeptAnswer[]): KeptAnswer[] {
  const bySeq = new Map(answers.map((one) => [one.seq, one]));
  return [...bySeq.values()].sort((a, b) => a.seq - b.seq);
}

/** Deletes what clients have reported. Inside a transaction. */
export function forgetReported(
  rows: ClientRows,
  reported: Iterable<{
    readonly principal: string;
    readonly client: string;
    readonly settled: number;
  }>,
  now: number,
): void {
  for (const { principal, client, settled } of reported) {
    const { answers } = rows.read(principal, client, now);
    const left = answers.filter(({ seq }) => seq > settled);
    if (left.length < answers.length) rows.write(principal, client, { settled, answers: left });
  }
}
