import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openNodeSqlite } from "@holdfast/server/internal/node/node-sqlite-port";
import { seeded, type Random } from "@holdfast/server/internal/storage/random-patches.fixture";
import type { ProofOptions, ProofReport } from "./report.ts";
import { find, NotAPrefix, StoredHistory } from "./stored-history.ts";

/** Durable writes of one history. */
const WRITES = 160;
/** Cuts into the log of one history. */
const CUTS = 40;
/** Writes behind a crash: enough for a checkpoint to begin, to end, and to be the one that counts. */
const MORE = 40;
/** Failures that are worth printing. */
const SHOWN_FAILURES = 5;

interface Tally {
  histories: number;
  cuts: number;
  torn: number;
  continued: number;
  readonly found: Set<string>;
}

/**
 * [G1] [G2] What a crash leaves of the files: a database, and its write-ahead log up to some byte, in
 * some of the cases with other bytes behind. Whatever the byte, what opens is the history up to some
 * durable write: its state, versions, answers and resume window; and one that goes on from there is
 * as good. With the whole log it is all of the history.
 *
 * `n` is the number of cuts.
 */
export async function wal(options: ProofOptions): Promise<ProofReport> {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-wal-"));
  const tally: Tally = { histories: 0, cuts: 0, torn: 0, continued: 0, found: new Set() };
  const failures: string[] = [];
  try {
    while (tally.cuts < options.n && failures.length < SHOWN_FAILURES) {
      const seed = options.seed + tally.histories++;
      for (const failure of cutHistory(folder, seed, options.n, tally)) {
        failures.push(`${failure}; again: npm run prove -- wal --n ${CUTS} --seed ${seed}`);
      }
      if (tally.histories % 10 === 0) options.progress(`${tally.cuts} cuts`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return {
    name: "wal",
    passed: failures.length === 0,
    figures: {
      histories: tally.histories,
      cuts: tally.cuts,
      "with other bytes behind the cut": tally.torn,
      "different prefixes found": tally.found.size,
      "prefixes that were gone on from": tally.continued,
      "not a prefix": failures.length,
    },
    failures: failures.slice(0, SHOWN_FAILURES),
  };
}

function cutHistory(folder: string, seed: number, most: number, tally: Tally): string[] {
  const random = seeded(seed);
  const path = join(folder, `history-${seed}`);
  const failures: string[] = [];
  using sql = openNodeSqlite(path);
  // SQLite moves the log into the database when it was synced; a cut must not fall behind that.
  sql.run("PRAGMA wal_autocheckpoint = 0");
  sql.run("PRAGMA synchronous = OFF");
  const history = new StoredHistory(sql, random);
  for (let write = 0; write < WRITES; write++) {
    try {
      history.write();
    } catch (error) {
      return [...failures, `seed ${seed}: write ${write} failed: ${String(error)}`];
    }
    if (random(60) === 0) sql.run("PRAGMA wal_checkpoint(TRUNCATE)");
    if (random(WRITES / 4) > 0) continue;
    const files = { database: readFileSync(path), log: readFileSync(`${path}-wal`) };
    for (let cut = 0; cut < CUTS / 4 && tally.cuts < most; cut++) {
      const failure = cutOnce({ path: `${path}-cut`, files, seed, history, random, tally });
      if (failure !== undefined) failures.push(`seed ${seed}: ${failure}`);
    }
    const whole = found(() => openCut(`${path}-cut`, files.database, files.log), history);
    if (whole !== history.writes) {
      failures.push(`seed ${seed}: of ${history.writes} writes, the whole log has ${whole}`);
    }
  }
  return failures;
}

function cutOnce(options: {
  readonly path: string;
  readonly files: { readonly database: Buffer; readonly log: Buffer };
  readonly seed: number;
  readonly history: StoredHistory;
  readonly random: Random;
  readonly tally: Tally;
}): string | undefined {
  const { path, files, seed, history, random, tally } = options;
  const { database, log } = files;
  const cut = random(log.length + 1);
  const rest = Buffer.alloc(random(3) === 0 ? random(log.length - cut + 1) : 0, random(256));
  tally.cuts++;
  if (rest.length > 0) tally.torn++;
  const bytes = Buffer.concat([log.subarray(0, cut), rest]);
  const writes = found(() => openCut(path, database, bytes), history);
  const where = `${history.writes} writes, log cut at byte ${cut} of ${log.length}`;
  if (typeof writes === "string") return `${where}: ${writes}`;
  tally.found.add(`${seed} ${writes}`);
  if (random(4) > 0) return undefined;
  tally.continued++;
  const gone = found(() => openCut(path, database, bytes), history, MORE);
  return typeof gone === "string" ? `${where}, and ${gone} after ${MORE} more writes` : undefined;
}

/** How many writes the files hold, or what is wrong with them; after `more` writes and another start. */
function found(
  openFiles: () => ReturnType<typeof openNodeSqlite>,
  history: StoredHistory,
  more = 0,
): number | string {
  try {
    using sql = openFiles();
    const writes = find(sql, history.past);
    if (more === 0) return writes;
    const next = new StoredHistory(sql, seeded(writes), history.past.slice(0, writes));
    for (let write = 0; write < more; write++) next.write();
    const reached = find(sql, next.past);
    return reached === next.writes ? reached : `only ${reached} of ${next.writes}`;
  } catch (error) {
    if (error instanceof NotAPrefix) return error.message;
    return String(error);
  }
}

function openCut(path: string, database: Buffer, log: Buffer): ReturnType<typeof openNodeSqlite> {
  for (const end of ["", "-wal", "-shm"]) rmSync(`${path}${end}`, { force: true });
  writeFileSync(path, database);
  writeFileSync(`${path}-wal`, log);
  const sql = openNodeSqlite(path);
  sql.run("PRAGMA synchronous = OFF");
  return sql;
}
