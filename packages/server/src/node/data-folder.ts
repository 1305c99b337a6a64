import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { HoldfastError, randomToken } from "@holdfast/protocol";
import { type NodeSqlite, openNodeSqlite } from "./node-sqlite-port.ts";

/** 258 random bits. */
const SECRET_CHARACTERS = 43;

/**
 * Where a server keeps everything, and the lock that keeps other processes out:
 *
 *   holdfast.sqlite      the lock, alarms of all instances, the generated secret
 *   holder.json          who holds the lock, for people
 *   instances/ab/….sqlite one database per instance; its `holdfast_meta` says of which
 *
 * The lock is SQLite's own, on the file, which the system gives up with the process however that
 * ends: there is no stale one.
 */
export class DataFolder implements Disposable {
  readonly path: string;
  /** What concerns all instances. */
  readonly index: NodeSqlite;

  /** @throws HoldfastError `STORAGE_FAILED` where another process has it */
  static open(path: string): DataFolder {
    const absolute = resolve(path);
    makeFolder(join(absolute, "instances"));
    return new DataFolder(absolute, lock(absolute));
  }

  private constructor(path: string, index: NodeSqlite) {
    this.path = path;
    this.index = index;
    index.run("CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL)");
    writeFileSync(
      join(path, HOLDER),
      JSON.stringify({ pid: process.pid, since: new Date().toISOString() }),
    );
  }

  /** The database of an instance. Names are of any length and of any characters: files are not. */
  fileOf(name: string): string {
    const hash = createHash("sha256").update(name).digest("hex");
    return join(this.path, "instances", hash.slice(0, 2), `${hash.slice(2)}.sqlite`);
  }

  /** The same, with its folder. */
  makeFileOf(name: string): string {
    const file = this.fileOf(name);
    makeFolder(dirname(file));
    return file;
  }

  /** Nobody may have it open. */
  removeFileOf(name: string): void {
    const file = this.fileOf(name);
    for (const one of [file, `${file}-wal`, `${file}-shm`]) rmSync(one, { force: true });
  }

  /** Kept for ever once made: sessions signed with it live on. */
  secret(): string {
    const [row] = this.index.run("SELECT value FROM settings WHERE name = 'secret'");
    if (row) return String(row["value"]);
    const secret = randomToken(SECRET_CHARACTERS);
    this.index.run("INSERT INTO settings (name, value) VALUES ('secret', ?)", secret);
    return secret;
  }

  [Symbol.dispose](): void {
    this.index.close();
  }
}

const INDEX = "holdfast.sqlite";
const HOLDER = "holder.json";

function lock(folder: string): NodeSqlite {
  try {
    return openNodeSqlite(join(folder, INDEX), { exclusive: true });
  } catch (cause) {
    if (!/locked|busy/i.test(String(cause))) throw cause;
    throw new HoldfastError(
      "STORAGE_FAILED",
      `Another process has ${folder}${holderOf(folder)}. A folder is one server's alone: stop the other one, or give this one a dataDir of its own.`,
      { cause },
    );
  }
}

function holderOf(folder: string): string {
  try {
    // Only `DataFolder` writes it; for people, so whatever it says will do.
    const { pid, since } = JSON.parse(readFileSync(join(folder, HOLDER), "utf8")) as Holder;
    return ` (process ${pid}, since ${since})`;
  } catch {
    return "";
  }
}

interface Holder {
  readonly pid: number;
  readonly since: string;
}

/** Makes a folder that a power cut does not take away again, with what is synced in it. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeFolder(parent);
  mkdirSync(path, { recursive: true });
  // Windows cannot sync a folder, and need not.
  if (process.platform === "win32") return;
  const folder = openSync(parent, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
