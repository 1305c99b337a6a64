import { type Answer, CODEC_VERSION, exceedsBytes, type Limits } from "@holdfast/protocol";
import { joinAnswers, splitAnswers } from "./journal-row.ts";
import type { SqlPort } from "./sql-port.ts";
import { restoreFailed, storedByNewer } from "./storage-failure.ts";

/** An answer that its client may still ask for. */
export interface KeptAnswer {
  readonly seq: number;
  readonly time: number;
  readonly answer: Answer;
}

/** What is kept of one client. */
export interface KeptClient {
  /** All up to here was reported; between it and the answers, one may still have been running. */
  readonly settled: number;
  /** Ascending. */
  readonly answers: readonly KeptAnswer[];
}

/** Answers are kept so long; what is asked for later is reported as unknown (DESIGN 5). */
export const ANSWERS_KEPT_MS: number = 30 * 24 * 60 * 60 * 1000;

/** So many clients are looked at for expiry whenever answers are folded. */
const EXAMINED_TOGETHER = 100;

/**
 * The answers whose journal rows are gone, by client: `holdfast_clients`. One row for each client,
 * more only above the row limit.
 */
export class ClientRows {
  readonly #sql: SqlPort;
  readonly #limits: Limits;
  #mayExist = false;
  /** Where the last look for expired rows ended. */
  #examined: readonly [principal: string, client: string] = ["", ""];

  constructor(sql: SqlPort, limits: Limits) {
    this.#sql = sql;
    this.#limits = limits;
  }

  /** Looks whether there is any row. */
  find(): void {
    this.#mayExist = this.#sql.run("SELECT 1 FROM holdfast_clients LIMIT 1").length > 0;
  }

  /** False when there is no row at all. */
  get mayExist(): boolean {
    return this.#mayExist;
  }

  /** What is kept of one client and not expired. */
  read(principal: string, client: string, now: number): KeptClient {
    if (!this.#mayExist) return { settled: 0, answers: [] };
    const rows = this.#sql.run(
      "SELECT head, answers FROM holdfast_clients WHERE principal = ? AND client = ? ORDER BY part",
      keyText(principal),
      keyText(client),
    );
    const parts = rows.map(({ head, answers }) => decodeRow(head, answers));
    return {
      settled: Math.max(0, ...parts.map(({ settled }) => settled)),
      answers: parts
        .flatMap(({ answers }) => answers)
        .filter(({ time }) => time > now - ANSWERS_KEPT_MS),
    };
  }

  /** Replaces what is kept of one client; no answer, no row. Inside a transaction. */
  write(principal: string, client: string, { settled, answers }: KeptClient): void {
    const rows = this.#layOut(answers);
    const key = [keyText(principal), keyText(client)] as const;
    if (this.#mayExist) {
      this.#sql.run(
        "DELETE FROM holdfast_clients WHERE principal = ? AND client = ? AND part >= ?",
        ...key,
        rows.length,
      );
    }
    for (const [part, row] of rows.entries()) {
      this.#sql.run(
        `INSERT INTO holdfast_clients (principal, client, part, time, head, answers)
          VALUES (?, ?, ?, ?, ?, ?)
          ON CONFLICT (principal, client, part) DO UPDATE
            SET time = excluded.time, head = excluded.head, answers = excluded.answers`,
        ...key,
        part,
        Math.max(...row.map(({ time }) => time)),
        encodeHead(settled, row),
        joinAnswers(row),
      );
      this.#mayExist = true;
    }
  }

  /** Deletes expired rows among the next few clients, in turn. Inside a transaction. */
  expire(now: number): void {
    if (!this.#mayExist) return;
    const rows = this.#sql.run(
      `SELECT principal, client, max(time) AS time FROM holdfast_clients
        WHERE (principal, client) > (?, ?) GROUP BY principal, client LIMIT ${EXAMINED_TOGETHER}`,
      ...this.#examined,
    );
    for (const { principal, client, time } of rows) {
      if (Number(time) > now - ANSWERS_KEPT_MS) continue;
      const key = [String(principal), String(client)] as const;
      this.#sql.run("DELETE FROM holdfast_clients WHERE principal = ? AND client = ?", ...key);
    }
    const last = rows.length < EXAMINED_TOGETHER ? undefined : rows.at(-1);
    this.#examined = last ? [String(last["principal"]), String(last["client"])] : ["", ""];
  }

  #layOut(answers: readonly KeptAnswer[]): KeptAnswer[][] {
    if (answers.length === 0) return [];
    const text = joinAnswers(answers) ?? "";
    if (answers.length === 1 || !exceedsBytes(text, this.#limits.rowBytes)) return [[...answers]];
    const middle = answers.length >> 1;
    return [...this.#layOut(answers.slice(0, middle)), ...this.#layOut(answers.slice(middle))];
  }
}

/** As JSON, in which half a character is an escape: no two ids become the same text. */
function keyText(id: string): string {
  return JSON.stringify(id);
}

/** `[codec, settled, seq, version, time, seq, version, time, …]`; the version of a refusal is -1. */
function encodeHead(settled: number, answers: readonly KeptAnswer[]): string {
  const numbers = answers.map(
    ({ seq, time, answer }) => `,${seq},${answer.type === "ack" ? answer.version : -1},${time}`,
  );
  return `[${CODEC_VERSION},${settled}${numbers.join("")}]`;
}

function decodeRow(head: unknown, answers: unknown): KeptClient {
  const { codec, settled, heads } = decodeHead(head);
  if (codec > CODEC_VERSION)
    throw storedByNewer("The codec of a client's answers", codec, CODEC_VERSION);
  const texts = typeof answers === "string" ? answers : null;
  try {
    const versions = heads.map(({ version }) => version);
    const kept = splitAnswers(texts, versions).map((answer, index) => {
      // True because there are as many answers as heads.
      const { seq, time } = heads[index] as { seq: number; time: number };
      return { seq, time, answer };
    });
    return { settled, answers: kept };
  } catch (cause) {
    throw unreadable(cause);
  }
}

function decodeHead(text: unknown): {
  codec: number;
  settled: number;
  heads: { seq: number; version: number | undefined; time: number }[];
} {
  try {
    const head: unknown = JSON.parse(String(text));
    if (!Array.isArray(head) || head.length % 3 !== 2 || !head.every(Number.isSafeInteger)) {
      throw new Error("It does not have its shape.");
    }
    const [codec, settled, ...numbers] = head;
    const heads = [];
    for (let at = 0; at < numbers.length; at += 3) {
      const [seq, version, time] = numbers.slice(at, at + 3);
      heads.push({ seq, version: version === -1 ? undefined : version, time });
    }
    return { codec, settled, heads };
  } catch (cause) {
    throw unreadable(cause);
  }
}

function unreadable(cause: unknown): Error {
  return restoreFailed("the stored answers of a client cannot be read.", { cause });
}
