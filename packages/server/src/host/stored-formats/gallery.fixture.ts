import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConnection } from "../../connection/define-connection.ts";
import { TestRoom } from "../../connection/room/room.fixture.ts";
import { UserInstance } from "../../connection/user-connection.fixture.ts";
import { app } from "../../module/builder.ts";
import type { ModuleDefinition } from "../../module/definition.ts";
import { session } from "../../module/key-strategy.ts";
import type { StateStore } from "../../module/state-store.ts";
import { durableObjectStore } from "../../module/store.ts";
import { AlarmClock } from "../../node/alarm-clock.ts";
import { DataFolder } from "../../node/data-folder.ts";
import { openNodeSqlite } from "../../node/node-sqlite-port.ts";
import type { SqlPort } from "../../storage/sql-port.ts";
import { encodeState } from "../../stores/encode-state.ts";
import { memoryStore } from "../../stores/memory-store.ts";
import { settled, TestInstance } from "../host.fixture.ts";
import { todoModule } from "../move/move-module.fixture.ts";
import { MovePage } from "../move/move-page.fixture.ts";
import { MoveWorld } from "../move/move-world.fixture.ts";
import { assistant, call, writing } from "../stream/streams.fixture.ts";
import { action, testModule } from "../test-module.fixture.ts";
import { StoredHistory } from "./history.fixture.ts";
import { toRows } from "./rows-file.fixture.ts";

/** Files by their names, and what stands in them. */
export type Files = Readonly<Record<string, string>>;

/** A draft that is the session's, with a cursor that nobody keeps and a reminder. */
export const timersModule: ModuleDefinition = app
  .defineState({ lines: [] as string[], cursor: 0 })
  .persist(durableObjectStore(session()))
  .ephemeral(["cursor"])
  .onAction("write", ({ state, schedule }, line: string) => {
    state.lines.push(line);
    state.cursor = line.length;
    if (line !== "later") schedule(3_600_000, "write", "later");
  })
  .build();

export const userConnection = defineConnection<{ userId: string }, unknown, { n: number }>({
  name: "user",
  state: { n: 0 },
  extractMeta: () => ({ userId: "alice" }),
})
  .on<Record<string, unknown>>("put", (ctx, entries) => {
    ctx.state.n++;
    ctx.actor.getStorage().put(entries);
  })
  .on<object>("list", (ctx, options) => [...ctx.actor.getStorage().list(options)])
  .on<string>("join", (ctx, room) => ctx.rooms.join(room));

/** Where `keptModule` has its one value. */
export const KEPT_KEY = "key:test/mine";

/** A module whose state has a home in `store`, too. */
export function keptModule(
  store: StateStore = memoryStore({ key: () => "mine" }),
): ModuleDefinition {
  return app
    .defineState({ list: [] as number[] })
    .persist(store)
    .onAction("add", ({ state }, n: number) => {
      state.list.push(n);
    })
    .build();
}

/** The names of the instances in the files of a move. */
export const MOVE = { session: "session:s1", old: "key:alice", new: "key:bob" } as const;

/**
 * Everything that Holdfast stores, written by the code as it is: a database of each kind, with rows in
 * every table that it may have.
 */
export async function writeGallery(): Promise<Files> {
  return {
    "history.jsonl": written((sql) => new StoredHistory(sql).write()),
    "timers.jsonl": written(timers),
    "quarantine.jsonl": written(quarantine),
    "stream.jsonl": await writtenLater(stream),
    "connection.jsonl": await writtenLater(connection),
    "room.jsonl": written(room),
    "saved.jsonl": await writtenLater(saved),
    "node-index.jsonl": await nodeIndex(),
    ...(await move()),
    "backup.txt": await backup(),
    "state.txt": encodeState(StoredHistory.expectedState() as object),
  };
}

function written(write: (sql: SqlPort) => void): string {
  const sql = openNodeSqlite(":memory:");
  write(sql);
  return toRows(sql);
}

async function writtenLater(write: (sql: SqlPort) => Promise<void>): Promise<string> {
  const sql = openNodeSqlite(":memory:");
  await write(sql);
  return toRows(sql);
}

function timers(sql: SqlPort): void {
  const instance = new TestInstance(timersModule, { sql });
  const page = instance.join("alice", "c1");
  instance.say(page, action(1, "write", "dear diary"));
  instance.host.disconnect(page);
}

/** A row that cannot be read, found by the code itself. */
function quarantine(sql: SqlPort): void {
  const instance = new TestInstance(testModule, { sql });
  const page = instance.join("alice", "c1");
  for (let seq = 1; seq <= 3; seq++) instance.say(page, action(seq, "note", `note ${seq}`));
  sql.run("UPDATE holdfast_journal SET commits = 'damaged' WHERE slot = 2");
  try {
    instance.evict();
  } catch {
    // As it should be: the instance is refused.
  }
}

async function stream(sql: SqlPort): Promise<void> {
  const instance = new TestInstance(assistant, { sql });
  const page = instance.join("alice", "c1");
  call(instance, page, "write", { name: "kept", path: ["reply"] });
  await settled();
  writing("kept").reply.append("Once upon");
  await instance.move(300);
}

async function connection(sql: SqlPort): Promise<void> {
  const instance = new UserInstance(userConnection, { sql });
  const page = instance.page("c1");
  page.emit("put", { a: 1, "b c": { at: new Date(1_800_000_000_000) } });
  page.emit("join", "harbour");
  await settled();
}

function room(sql: SqlPort): void {
  new TestRoom({ sql }).join("ann", "bob");
}

async function saved(sql: SqlPort): Promise<void> {
  const instance = new TestInstance(keptModule(), { sql, key: KEPT_KEY });
  const page = instance.join("alice", "c1");
  instance.say(page, action(1, "add", 1));
  await instance.move(1_000);
  await settled();
}

async function nodeIndex(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "holdfast-formats-"));
  using folder = DataFolder.open(path);
  const clock = new AlarmClock(folder.index, Date.now, () => {});
  clock.foresee("list/shop", 1_800_000_000_000);
  folder.secret();
  // Another one each time.
  folder.index.run("UPDATE settings SET value = 'secret of a test'");
  const text = toRows(folder.index);
  await rm(path, { recursive: true });
  return text;
}

/** An account switch whose session's own instance died when it had stored the move. */
async function move(): Promise<Files> {
  const steps = await switchAccount(Number.POSITIVE_INFINITY);
  const adopts = steps.steps.lastIndexOf(`${MOVE.session} calls adopt`);
  const { databases } = await switchAccount(adopts);
  return Object.fromEntries(
    Object.entries(MOVE).flatMap(([role, name]) => {
      const sql = databases.get(name);
      return sql ? [[`move-${role}.jsonl`, toRows(sql)]] : [];
    }),
  );
}

async function switchAccount(killAt: number): Promise<MoveWorld> {
  const world = new MoveWorld(todoModule);
  world.killAt = killAt;
  const page = new MovePage(world, "s1", "page");
  for (const [name, payload] of [
    ["add", "guest's"],
    ["login", { id: "alice", name: "Alice" }],
    ["add", "Alice's"],
    ["login", { id: "bob", name: "Bob" }],
  ] as const) {
    page.act(name, payload);
    for (let round = 0; round < 6; round++) {
      await settled();
      await page.run();
    }
  }
  return world;
}

async function backup(): Promise<string> {
  const instance = new TestInstance(testModule);
  const page = instance.join("alice", "c1");
  instance.say(page, action(1, "increment", 7), action(2, "note", "kept"));
  return instance.host.exportState();
}
