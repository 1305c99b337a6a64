import { CODEC_VERSION } from "@holdfast/protocol";
import type { JournalMeta } from "./journal-entry.ts";
import { migrateTables } from "./migrate-tables.ts";
import type { SqlPort } from "./sql-port.ts";
import { restoreFailed, storedByNewer } from "./storage-failure.ts";
import { STORAGE_FORMAT } from "./tables.ts";

/** The one row of `holdfast_meta`. */
export interface MetaRow extends JournalMeta {
  readonly epoch: string;
  /** The version that the checkpoint holds, and that version's mark. */
  readonly version: number;
  readonly mark: string;
  /** Counts checkpoints: parts of a later one are not finished. */
  readonly round: number;
  /** The part that the state begins with. */
  readonly root: number;
  /** Answers in durable writes up to this one are in `holdfast_clients`, or reported. */
  readonly folded: number;
  /** Why the instance cannot be restored, once that is so. */
  readonly failure: string | null;
}

/**
 * Reads the row; storage of an older format is brought up to date first.
 *
 * @throws HoldfastError `SCHEMA_TOO_NEW` for what a newer Holdfast stored, `RESTORE_FAILED` for anything else
 */
export function readMeta(sql: SqlPort): MetaRow {
  const [row] = sql.run("SELECT * FROM holdfast_meta WHERE id = 1");
  if (!row) throw restoreFailed("its row in holdfast_meta is missing.");
  const { format, codec, module, key, schema, epoch, version, mark, round, root, folded, failure } =
    row;
  if (typeof format === "number" && format > STORAGE_FORMAT) {
    throw storedByNewer("The storage format", format, STORAGE_FORMAT);
  }
  if (typeof format === "number" && format < STORAGE_FORMAT) {
    migrateTables(sql, format);
    return readMeta(sql);
  }
  if (typeof codec === "number" && codec > CODEC_VERSION) {
    throw storedByNewer("The codec of the stored state", codec, CODEC_VERSION);
  }
  if (
    format !== STORAGE_FORMAT ||
    typeof codec !== "number" ||
    typeof module !== "string" ||
    typeof key !== "string" ||
    typeof schema !== "number" ||
    typeof epoch !== "string" ||
    typeof version !== "number" ||
    typeof mark !== "string" ||
    typeof round !== "number" ||
    typeof root !== "number" ||
    typeof folded !== "number" ||
    (failure !== null && typeof failure !== "string")
  ) {
    throw restoreFailed("its row in holdfast_meta cannot be read.");
  }
  return {
    module,
    key,
    schema,
    epoch,
    version,
    mark,
    round,
    root,
    folded,
    failure: failure ?? null,
  };
}

const COLUMNS = [
  "format",
  "codec",
  "module",
  "key",
  "schema",
  "epoch",
  "version",
  "mark",
  "round",
  "root",
  "folded",
  "failure",
];
/** An upsert: `OR REPLACE` would cost a Durable Object many times as much (see `journal-log.ts`). */
const PUT = `INSERT INTO holdfast_meta (id, ${COLUMNS.join(", ")})
  VALUES (1, ${STORAGE_FORMAT}, ${CODEC_VERSION}, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE
    SET ${COLUMNS.map((column) => `${column} = excluded.${column}`).join(", ")}`;

/** Writes the row, new or over the one that is there. */
export function writeMeta(sql: SqlPort, meta: MetaRow): void {
  sql.run(
    PUT,
    meta.module,
    meta.key,
    meta.schema,
    meta.epoch,
    meta.version,
    meta.mark,
    meta.round,
    meta.root,
    meta.folded,
    meta.failure,
  );
}
