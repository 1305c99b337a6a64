import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import {
  type ClientMessage,
  decodeServerFrame,
  PROTOCOL_VERSION,
  type ServerMessage,
} from "@holdfast/protocol";
import { app, durableObjectStore, global, type ModuleDefinition } from "@holdfast/server";
import { openNodeSqlite } from "@holdfast/server/internal/node/node-sqlite-port";
import type { SqlPort } from "@holdfast/server/internal/storage/sql-port";
import { Random } from "@holdfast/testing/random";
import { type LocalConnection, LocalInstance } from "./local-instance.ts";
import type { ProofOptions, ProofReport } from "./report.ts";

/** The heap at the end may be so many times the heap after a tenth of the actions. */
const MOST_GROWTH = 1.1;
/** So may the database, */
const MOST_DATABASE_GROWTH = 1.25;
/** but for the answers that pages never reported: those are kept for 30 days, so much for each page. */
const PAGE_BYTES = 256;
/** Rows written per action, folding and checkpoints included. */
const MOST_ROWS = 1.2;
/** An action in so many is behind an eviction. */
const EVICT_EVERY = 3_000;
/** So many pages are open at once; one of them goes away for good, and another comes, now and then. */
const PAGES = 5;
const NEW_PAGE_EVERY = 700;
/** Pages tell how much they have read, as clients do. */
const SEEN_EVERY_BYTES = 256 * 1024;
/** Until then window, parts and folded answers fill up: a short run begins to measure no earlier. */
const FULL_AFTER = 20_000;
const STEPS = 9;
const UNLIMITED = 1_000_000_000;

interface Item {
  id: number;
  text: string;
  done: boolean;
}

const ITEMS = 2_000;
const list: ModuleDefinition = app
  .defineState({
    count: 0,
    items: Array.from({ length: ITEMS }, (_, id): Item => ({
      id,
      text: `item ${id}`,
      done: false,
    })),
    seen: new Map<string, number>(),
  })
  .persist(durableObjectStore(global()))
  .onAction("toggle", ({ state }, at: number) => {
    const item = state.items[at % state.items.length];
    if (item) item.done = !item.done;
    state.count++;
  })
  .onAction("replace", ({ state }, at: number) => {
    state.items.shift();
    state.items.push({ id: at, text: `a later item ${at}`, done: false });
  })
  .onAction("see", ({ state }, who: string) => {
    state.seen.delete(who);
    state.seen.set(who, state.count);
    if (state.seen.size > 300) state.seen.delete([...state.seen.keys()][0] ?? "");
  })
  .onAction("refuse", ({ state }) => {
    state.count = -1;
    throw new Error("no");
  })
  .build();

/**
 * `n` small actions on one instance, each in a frame of its own, with evictions, pages that go away
 * without a word, refusals, and clients that report late. What is kept, in memory and on disk, follows
 * the state and not the number of actions.
 */
export async function soak(options: ProofOptions): Promise<ProofReport> {
  const sql = openNodeSqlite(":memory:");
  const soaked = new Soaked(sql, options.seed);
  const first = Math.max(options.n / 10, Math.min(options.n / 2, FULL_AFTER));
  const step = (options.n - first) / STEPS;
  soaked.act(first);
  const measure = (): Measured => ({
    heap: soaked.heap(),
    database: databaseBytes(sql),
    rows: rowsWritten(sql),
    pages: soaked.pages,
  });
  const early = measure();
  for (let left = STEPS; left > 0; left--) {
    soaked.act(step);
    options.progress(`${soaked.actions} actions, heap ${megabytes(soaked.heap())}`);
  }
  const late = measure();
  const growth = late.heap / early.heap;
  const kept = (late.pages - early.pages) * PAGE_BYTES;
  const databaseGrowth = (late.database - kept) / early.database;
  const rows = (late.rows - early.rows) / (STEPS * step);
  const failures = [...soaked.failures];
  if (growth > MOST_GROWTH) failures.push(`the heap has grown to ${growth.toFixed(3)} times`);
  if (databaseGrowth > MOST_DATABASE_GROWTH) {
    failures.push(
      `the database has grown to ${databaseGrowth.toFixed(3)} times, without ${kept} bytes of answers that nobody reported`,
    );
  }
  if (rows > MOST_ROWS) failures.push(`${rows.toFixed(3)} rows were written for each action`);
  sql.close();
  return {
    name: "soak",
    passed: failures.length === 0,
    figures: {
      actions: soaked.actions,
      evictions: soaked.evictions,
      pages: soaked.pages,
      [`heap after ${first} actions`]: megabytes(early.heap),
      "heap at the end": megabytes(late.heap),
      "heap, times": growth.toFixed(3),
      [`database after ${first} actions`]: megabytes(early.database),
      "database at the end": megabytes(late.database),
      "without unreported answers, times": databaseGrowth.toFixed(3),
      "rows written per action": rows.toFixed(3),
    },
    failures,
  };
}

interface Measured {
  readonly heap: number;
  readonly database: number;
  readonly rows: number;
  readonly pages: number;
}

interface Page {
  readonly principal: string;
  readonly client: string;
  readonly connection: LocalConnection;
  seq: number;
  settled: number;
  /** Read since it last told so. */
  read: number;
}

class Soaked {
  readonly failures: string[] = [];
  actions = 0;
  evictions = 0;
  pages = 0;
  readonly #random: Random;
  readonly #instance: LocalInstance;
  #open: Page[] = [];

  constructor(sql: SqlPort, seed: number) {
    this.#random = new Random(seed);
    const limits = { ratePerSecond: UNLIMITED, rateBurst: UNLIMITED };
    this.#instance = new LocalInstance({ module: list, sql, limits });
  }

  act(times: number): void {
    for (let time = 0; time < times && this.failures.length === 0; time++) {
      if (this.#random.chance(1 / EVICT_EVERY)) this.#evict();
      if (this.#random.chance(1 / NEW_PAGE_EVERY)) this.#leave(this.#random.between(0, PAGES - 1));
      while (this.#open.length < PAGES) this.#open.push(this.#join());
      this.#actOnce(this.#random.pick(this.#open));
    }
  }

  /** Bytes in use once everything that nobody holds is gone. */
  heap(): number {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    collect();
    collect();
    return process.memoryUsage().heapUsed;
  }

  #actOnce(page: Page): void {
    const random = this.#random;
    const seq = ++page.seq;
    const action = random.pick(["toggle", "toggle", "toggle", "replace", "see", "refuse"]);
    const payload = action === "see" ? `who ${random.between(0, 2_000)}` : random.between(0, 1e6);
    // Most pages report what they were told with their next action; some are late.
    if (random.chance(0.9)) page.settled = Math.max(page.settled, seq - random.between(1, 5), 0);
    const { client, settled } = page;
    this.#say(page, { type: "action", client, seq, settled, name: action, payload });
    this.actions++;
    const answers = this.#answers(page);
    const answer = answers.find((one) => one.type === "ack" || one.type === "reject");
    if (answer?.type !== (action === "refuse" ? "reject" : "ack")) {
      const told = answers.map(({ type }) => type).join(", ");
      this.failures.push(`action ${this.actions}, ${action}, was answered by ${told || "nothing"}`);
    }
    for (const other of this.#open) this.#read(other);
  }

  #answers({ connection }: Page): ServerMessage[] {
    return connection.frames.flatMap((frame) => decodeServerFrame(frame));
  }

  /** What the pages were told would be kept by this process, not by the instance. */
  #read(page: Page): void {
    for (const frame of page.connection.frames) page.read += frame.length;
    page.connection.frames.length = 0;
    if (page.read < SEEN_EVERY_BYTES) return;
    this.#say(page, { type: "seen", read: page.read });
    page.read = 0;
  }

  #evict(): void {
    this.evictions++;
    this.#instance.restart();
    this.#open = this.#open.map((page) => ({ ...page, read: 0, connection: this.#greet(page) }));
    if (this.#instance.aborts.length > 0) this.failures.push(...this.#instance.aborts);
    // A refusal is reported by design.
    this.#instance.reports.length = 0;
  }

  #leave(index: number): void {
    const [page] = this.#open.splice(index, 1);
    if (page) this.#instance.host.disconnect(page.connection);
  }

  #join(): Page {
    const number = ++this.pages;
    const principal = `principal-${number % 50}`;
    const page = { principal, client: `page-${number}`, seq: 0, settled: 0, read: 0 };
    return { ...page, connection: this.#greet(page) };
  }

  #greet({ principal, client, settled }: Omit<Page, "connection">): LocalConnection {
    const connection = this.#instance.connect(principal);
    this.#instance.say(connection, {
      type: "hello",
      protocol: PROTOCOL_VERSION,
      clients: [{ id: client, settled }],
    });
    connection.frames.length = 0;
    return connection;
  }

  #say(page: Page, message: ClientMessage): void {
    this.#instance.say(page.connection, message);
  }
}

function databaseBytes(sql: SqlPort): number {
  const [row] = sql.run(
    "SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size",
  );
  return Number(row?.["bytes"]);
}

/** As SQLite counts them: a row that is written over is one. */
function rowsWritten(sql: SqlPort): number {
  return Number(sql.run("SELECT total_changes() AS rows")[0]?.["rows"]);
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(2)} MiB`;
}
