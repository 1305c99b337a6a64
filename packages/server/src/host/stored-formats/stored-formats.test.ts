import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { TestRoom } from "../../connection/room/room.fixture.ts";
import { UserInstance } from "../../connection/user-connection.fixture.ts";
import { AlarmClock } from "../../node/alarm-clock.ts";
import { openNodeSqlite, type NodeSqlite } from "../../node/node-sqlite-port.ts";
import { STORAGE_FORMAT } from "../../storage/tables.ts";
import { decodeState } from "../../stores/encode-state.ts";
import { memoryStore } from "../../stores/memory-store.ts";
import { settled, TestInstance } from "../host.fixture.ts";
import { todoModule } from "../move/move-module.fixture.ts";
import { MovePage } from "../move/move-page.fixture.ts";
import { MoveWorld } from "../move/move-world.fixture.ts";
import { assistant } from "../stream/streams.fixture.ts";
import { testModule } from "../test-module.fixture.ts";
import {
  type Files,
  KEPT_KEY,
  keptModule,
  MOVE,
  timersModule,
  userConnection,
  writeGallery,
} from "./gallery.fixture.ts";
import { StoredHistory } from "./history.fixture.ts";
import { fromRows, shapeOf, toRows } from "./rows-file.fixture.ts";

const FORMATS = join(import.meta.dirname, "formats");
const MINUTE_MS = 60_000;

const folders = (): string[] => readdirSync(FORMATS);
/** Written by the code that came before the first one whose history can be restored. */
const drafts = folders().filter((name) => name.startsWith("draft"));
const formats = folders().filter((name) => !name.startsWith("draft"));
const newest = String(STORAGE_FORMAT);

function stored(folder: string): Files {
  const path = join(FORMATS, folder);
  return Object.fromEntries(
    readdirSync(path).map((name) => [name, readFileSync(join(path, name), "utf8")]),
  );
}

/** The formats that have such a file, each with a database that holds it. */
function having(file: string): { format: string; open: () => NodeSqlite }[] {
  return texts(file).map(({ format, text }) => ({ format, open: () => opened(text) }));
}

/** The formats that have such a file, and what stands in it. */
function texts(file: string): { format: string; text: string }[] {
  return formats.flatMap((format) => {
    const text = stored(format)[file];
    return text === undefined ? [] : [{ format, text }];
  });
}

function opened(text: string): NodeSqlite {
  const sql = openNodeSqlite(":memory:");
  fromRows(sql, text);
  return sql;
}

describe("the storage format", () => {
  test("is the one that is kept under its number: rows that look otherwise need another number, a step to it, and files", async () => {
    const today = await writeGallery();
    const kept = stored(newest);
    const help = `What Holdfast stores has changed, and what is stored already has not. Where rows look otherwise: raise STORAGE_FORMAT (tables.ts), write the step from the format before (migrate-tables.ts), then run "node scripts/write-stored-formats.ts". Where they only hold something else, "node scripts/write-stored-formats.ts --again" writes the files of this format anew.`;
    expect(Object.keys(today).toSorted(), help).toEqual(Object.keys(kept).toSorted());
    for (const [name, text] of Object.entries(today)) {
      if (name.endsWith(".jsonl"))
        expect(shapeOf(text), `${name}: ${help}`).toEqual(shapeOf(kept[name] ?? ""));
    }
    for (const name of ["history.jsonl", "state.txt"]) {
      expect(today[name], `${name}: ${help}`).toBe(kept[name]);
    }
  });

  test("has files for every number that there ever was", () => {
    const numbers = Array.from({ length: STORAGE_FORMAT }, (_, index) => String(index + 1));
    expect(formats).toEqual(expect.arrayContaining(numbers));
  });
});

describe.each(having("history.jsonl"))("a history of format $format", ({ open }) => {
  test("[G1] [G2] is restored: its state, its version, and every answer", () => {
    const history = new StoredHistory(open());
    expect(history.state()).toEqual({ version: 153, state: StoredHistory.expectedState() });
    expect(history.answers()).toEqual(StoredHistory.expectedAnswers());
    expect(history.goOn()).toBe('commit,ack {"noted":10}');
    history.instance.evict();
    expect(history.state().version).toBe(154);
    expect([...history.instance.reports, ...history.instance.aborts]).toEqual([]);
  });
});

describe.each(drafts)("a history of %s", (folder) => {
  test("is refused, and set aside whole: not one text of it is lost", () => {
    const text = stored(folder)["history.jsonl"] ?? "";
    const sql = opened(text);
    const restored = (): unknown => new StoredHistory(sql);
    for (const _ of [1, 2]) {
      expect(restored).toThrow(expect.objectContaining({ code: "RESTORE_FAILED" }));
    }
    const texts = new Set(cells(toRows(sql)));
    expect(cells(text).filter((cell) => !texts.has(cell))).toEqual([]);
  });
});

test("answers as a draft kept them are refused to whoever asks, and stay", () => {
  const sql = opened(stored(newest)["history.jsonl"] ?? "");
  // Without what the client had reported.
  sql.run("UPDATE holdfast_clients SET head = json_remove(head, '$[1]')");
  const before = sql.run("SELECT * FROM holdfast_clients");
  const { instance } = new StoredHistory(sql);
  const page = instance.join("alice", "c-alice");
  expect(page.take()).toMatchObject([{ type: "error", error: { code: "RESTORE_FAILED" } }]);
  expect(page.closed).toMatchObject({ reason: "RESTORE_FAILED" });
  // Nobody else minds.
  expect(instance.join("carol", "c-carol").take()).toMatchObject([{ type: "snapshot" }]);
  expect(instance.aborts).toEqual([]);
  expect(sql.run("SELECT * FROM holdfast_clients")).toEqual(before);
});

describe.each(having("timers.jsonl"))("alarms of format $format", ({ open }) => {
  test("ring: for what is scheduled, ephemeral, and the end of a session", async () => {
    const sql = open();
    const instance = new TestInstance(timersModule, { sql });
    const state = (): unknown => {
      const page = instance.join("alice", "c-reader");
      const [message] = page.take();
      instance.host.disconnect(page);
      return message?.type === "snapshot" ? message.state : message;
    };
    expect(kinds(sql)).toEqual(["ephemeral", "holdfast:session", "schedule"]);
    instance.now += MINUTE_MS;
    await instance.host.alarms.ring();
    expect(state()).toEqual({ lines: ["dear diary"], cursor: 0 });
    instance.now += 60 * MINUTE_MS;
    await instance.host.alarms.ring();
    expect(state()).toMatchObject({ lines: ["dear diary", "later"] });
    expect(instance.reports).toEqual([]);
  });
});

describe.each(having("quarantine.jsonl"))("damage of format $format", ({ open }) => {
  test("is known to be damage, and what was set aside stays", () => {
    const sql = open();
    const before = toRows(sql);
    expect(() => new TestInstance(testModule, { sql })).toThrow(
      expect.objectContaining({ code: "RESTORE_FAILED" }),
    );
    expect(toRows(sql)).toBe(before);
    expect(
      sql.run("SELECT source, commits FROM holdfast_quarantine, (SELECT 1 AS commits)"),
    ).not.toEqual([]);
  });
});

describe.each(having("stream.jsonl"))("a stream of format $format", ({ open }) => {
  test("that was under way ends as interrupted, with what had arrived", () => {
    const instance = new TestInstance(assistant, { sql: open() });
    const [message] = instance.join("alice", "c-reader").take();
    expect(message).toMatchObject({
      type: "snapshot",
      state: { reply: { text: "Once upon", status: "error", error: "interrupted" } },
    });
  });
});

describe.each(having("connection.jsonl"))("a connection of format $format", ({ open }) => {
  test("has its entries, and is in its rooms", async () => {
    const instance = new UserInstance(userConnection, { sql: open() });
    const page = instance.page("c1");
    page.take();
    page.settle();
    page.emit("list", {});
    page.emit("list", {});
    page.emit("list", {});
    await settled();
    expect(page.takeOnly("ack").at(-1)).toMatchObject({
      result: [
        ["a", 1],
        ["b c", { at: new Date(1_800_000_000_000) }],
      ],
    });
    expect(instance.deliver("harbour", { from: "bob", number: 1, text: "{}", except: [] })).toBe(
      "taken",
    );
    expect(instance.deliver("elsewhere", { from: "bob", number: 1, text: "{}", except: [] })).toBe(
      "gone",
    );
  });
});

describe.each(having("room.jsonl"))("a room of format $format", ({ open }) => {
  test("knows its members", async () => {
    const lobby = new TestRoom({ sql: open() });
    lobby.send([{ from: "bob", number: 1, text: "hello", except: [] }]);
    await settled();
    expect([lobby.heardBy("ann"), lobby.heardBy("bob")]).toEqual([["hello"], ["hello"]]);
  });
});

describe.each(having("saved.jsonl"))(
  "an instance of format $format whose state has another home, too",
  ({ open }) => {
    test("knows what is saved there, and saves nothing again", async () => {
      const saves: unknown[] = [];
      const store = memoryStore({ key: () => "mine" });
      const instance = new TestInstance(
        keptModule({ ...store, save: async (key, state) => void saves.push([key, state]) }),
        { sql: open(), key: KEPT_KEY },
      );
      await instance.move(2_000);
      await settled();
      expect(saves).toEqual([]);
      expect(instance.host.keeper?.isClean).toBe(true);
    });
  },
);

describe.each(having("node-index.jsonl"))(
  "what a server of Node keeps of all instances, of format $format",
  ({ open }) => {
    test("has its alarms and its secret", () => {
      const sql = open();
      expect(new AlarmClock(sql, Date.now, () => {}).get("list/shop")).toBe(1_800_000_000_000);
      expect(sql.run("SELECT name, value FROM settings")).toEqual([
        { name: "secret", value: "secret of a test" },
      ]);
    });
  },
);

describe.each(having("move-session.jsonl"))("a move of format $format", ({ format }) => {
  test("[G22] that was interrupted is carried on: nothing is lost, and nothing strays", async () => {
    const world = new MoveWorld(todoModule);
    for (const [role, name] of Object.entries(MOVE)) {
      const text = stored(format)[`move-${role}.jsonl`];
      if (text !== undefined) fromRows(world.database(name), text);
    }
    const page = new MovePage(world, "s1", "later");
    for (let round = 0; round < 6; round++) {
      await settled();
      await page.run();
    }
    expect(page.state).toMatchObject({ user: { id: "bob" }, todos: [] });
    page.act("login", { id: "alice", name: "Alice" });
    for (let round = 0; round < 6; round++) {
      await settled();
      await page.run();
    }
    expect(page.state).toMatchObject({ user: { id: "alice" }, todos: ["guest's", "Alice's"] });
    expect([...world.reports, ...world.aborts]).toEqual([]);
  });
});

describe.each(texts("backup.txt"))("texts of format $format", ({ format, text }) => {
  test("a backup is imported", async () => {
    const instance = new TestInstance(testModule);
    await instance.host.importState(text);
    instance.evict();
    const [message] = instance.join("alice", "c1").take();
    expect(message).toMatchObject({ type: "snapshot", state: { count: 7, log: ["kept"] } });
  });

  test("[G11] a state in a store is read", () => {
    expect(decodeState(stored(format)["state.txt"] ?? "")).toEqual(StoredHistory.expectedState());
  });
});

/** Every text in any column of any row but the meta row's. */
function cells(text: string): string[] {
  return text
    .split("\n")
    .filter((line) => line.includes('"row":') && !line.includes('"table":"holdfast_meta"'))
    .flatMap((line) => (JSON.parse(line) as { row: unknown[] }).row)
    .filter((cell) => typeof cell === "string")
    .map((cell) => cell.replaceAll(/^'|'$/g, ""));
}

function kinds(sql: NodeSqlite): unknown[] {
  return sql.run("SELECT kind FROM holdfast_alarms ORDER BY kind").map(({ kind }) => kind);
}
