import type { SqlPort } from "./sql-port.ts";
import { hasTables } from "./tables.ts";

/** How much of one kind is stored. */
export interface StoredSize {
  readonly rows: number;
  readonly bytes: number;
}

/** How much of a history is stored, by kind. */
export interface StoredSizes {
  /** The latest commits, and the answers that came with them. */
  readonly journal: StoredSize;
  /** The state as of the checkpoint. */
  readonly parts: StoredSize;
  /** Answers whose commits are folded. */
  readonly clients: StoredSize;
}

const COLUMNS = {
  journal: ["head", "commits", "answers"],
  parts: ["head", "body"],
  clients: ["head", "answers"],
} as const;

/** Looks at every row: for people and tools, not for every day. */
export function storedSizes(sql: SqlPort): StoredSizes {
  const exists = hasTables(sql);
  const sizeOf = (table: keyof typeof COLUMNS): StoredSize => {
    if (!exists) return { rows: 0, bytes: 0 };
    const bytes = COLUMNS[table].map((name) => `coalesce(length(CAST(${name} AS BLOB)), 0)`);
    const [row] = sql.run(
      `SELECT count(*) AS rows, coalesce(sum(${bytes.join(" + ")}), 0) AS bytes FROM holdfast_${table}`,
    );
    return { rows: Number(row?.["rows"]), bytes: Number(row?.["bytes"]) };
  };
  return { journal: sizeOf("journal"), parts: sizeOf("parts"), clients: sizeOf("clients") };
}
