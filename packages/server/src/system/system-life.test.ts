import { HoldfastError } from "@holdfast/protocol";
import { describe, expect, test } from "vitest";
import { TestInstance } from "../host/host.fixture.ts";
import type { CreatedContext } from "../module/hooks.ts";
import { openNodeSqlite } from "../node/node-sqlite-port.ts";
import type { SqlPort } from "../storage/sql-port.ts";
import { action } from "./action.ts";
import { Caller } from "./caller.fixture.ts";
import { field } from "./field.ts";
import { System } from "./system.ts";
import { systemModule } from "./system-module.ts";

class Everything extends System {
  @field list = [{ deep: [1, { n: 1 }] }] as unknown[];
  @field object: Record<string, unknown> = { a: { b: {} } };
  @field map = new Map<unknown, unknown>([["a", new Map([[1, "one"]])]]);
  @field set = new Set<unknown>(["1", 1]);
  @field date: Date | null = new Date(0);
  @field url = new URL("https://example.com/a?b=c");
  @field pattern = /a+/giu;
  @field bytes = new Uint8Array([1, 2]);
  @field floats = new Float64Array([0.5]);
  @field big = 2n ** 70n;
  @field odd: unknown[] = [undefined, Number.NaN, -0, Infinity, null];

  /** Changes each in place. */
  @action() change(): void {
    (this.list[0] as { deep: unknown[] }).deep.push({ n: 2 });
    (this.object["a"] as Record<string, unknown>)["b"] = { c: 1 };
    (this.map.get("a") as Map<number, string>).set(2, "two");
    this.map.set(2, [new Date(5)]);
    this.set.add(null).delete("1");
    this.date?.setTime(1_000);
    this.url.searchParams.set("b", "d");
    this.bytes[1] = 9;
    this.floats.set([-0]);
    this.big *= -1n;
    this.odd.reverse();
  }

  /** What they are, as the class itself finds them. */
  @action() kinds(): string[] {
    return Object.keys(this).map((name) => {
      const value: unknown = Reflect.get(this, name);
      return `${name} ${value?.constructor?.name ?? typeof value}`;
    });
  }

  @action() look(): unknown[] {
    const { list, object, map, set, date, url, pattern, bytes, floats, big, odd } = this;
    return [list, object, map, set, date, url, pattern, bytes, floats, big, odd];
  }
}

test("[G10] [G11] fields of every kind are changed in place, and are of their kind after an eviction", () => {
  const instance = new TestInstance(systemModule(Everything));
  const before = new Caller(instance);
  const kinds = before.call("kinds");
  expect(before.call("change")).toMatchObject({ type: "ack" });
  const changed = before.call("look") as { result: unknown };
  instance.evict();
  const after = new Caller(instance, "c2");
  expect(after.call("kinds")).toMatchObject({ result: (kinds as { result: unknown }).result });
  const found = after.call("look") as { result: unknown };
  expect(found.result).toStrictEqual(changed.result);
  expect(found.result).toStrictEqual([
    [{ deep: [1, { n: 1 }, { n: 2 }] }],
    { a: { b: { c: 1 } } },
    new Map<unknown, unknown>([
      [
        "a",
        new Map([
          [1, "one"],
          [2, "two"],
        ]),
      ],
      [2, [new Date(5)]],
    ]),
    new Set([1, null]),
    new Date(1_000),
    new URL("https://example.com/a?b=d"),
    /a+/giu,
    new Uint8Array([1, 9]),
    new Float64Array([-0]),
    -(2n ** 70n),
    [null, Infinity, -0, Number.NaN, undefined],
  ]);
});

class Foreign {
  x = 1;
}

describe("what cannot be stored", () => {
  class Strict extends System {
    @field any: Record<string, unknown> = {};
    @field list: unknown[] = [];

    @action() assign(what: string): string {
      return this.#attempt(what);
    }

    @action() async assignLater(what: string): Promise<string> {
      await Promise.resolve();
      return this.#attempt(what);
    }

    /** What the assignment itself throws. */
    #attempt(what: string): string {
      try {
        if (what === "function") this.any["f"] = () => 1;
        if (what === "instance") this.list.push({ deep: new Foreign() });
        if (what === "field") this.list = [Symbol("s")];
        if (what === "cycle") {
          const cycle: Record<string, unknown> = {};
          cycle["self"] = cycle;
          this.any["c"] = cycle;
        }
      } catch (error) {
        return (error as HoldfastError).message;
      }
      return "taken";
    }
  }

  test.each([
    ["function", /^state\.any\.f is a function/],
    ["instance", /^state\.list\[0\]\.deep is an instance of Foreign/],
    ["field", /^state\.list\[0\] is a symbol/],
    ["cycle", /^state\.any\.c\.self refers back to state\.any\.c/],
  ])("[G11] is refused at the assignment, naming the place: %s", async (what, says) => {
    const caller = new Caller(new TestInstance(systemModule(Strict)));
    const refusal = { type: "ack", result: expect.stringMatching(says) as string };
    expect(caller.call("assign", what)).toMatchObject(refusal);
    expect(await caller.callLater("assignLater", what)).toMatchObject(refusal);
  });

  test("[G11] is refused as a first value as well, naming the field", () => {
    class Wrong extends System {
      @field helper = new Foreign();
    }
    expect(() => systemModule(Wrong)).toThrow(/helper is an instance of Foreign/);
  });
});

describe("[G4] an action that throws", () => {
  class Ledger extends System<unknown, { written: string }> {
    @field entries: { text: string }[] = [];
    @field byName = new Map<string, number>();
    @field changed: Date | null = null;

    @action() add(text: string): void {
      this.#write(text);
    }

    @action() fail(text: string): void {
      this.#write(text);
      throw new HoldfastError("REFUSED", "Not today.");
    }

    @action() async failLater(text: string): Promise<void> {
      await Promise.resolve();
      this.#write(text);
      await Promise.resolve();
      this.entries.shift();
      await Promise.resolve();
      throw new HoldfastError("REFUSED", "Not today.");
    }

    @action() look(): unknown {
      return [this.entries, this.byName, this.changed];
    }

    #write(text: string): void {
      this.entries.push({ text });
      this.byName.set(text, this.entries.length);
      this.changed = new Date(5);
      // Nobody is told, if the action throws.
      this.context.emit("written", text);
    }
  }

  /** All rows of all tables. */
  const rows = (sql: SqlPort): unknown =>
    sql
      .run("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
      .map(({ name }) => [name, sql.run(`SELECT * FROM "${String(name)}"`)]);

  test("leaves no trace in memory, in storage but for its own answer, or on anybody's wire", async () => {
    const sql = openNodeSqlite(":memory:");
    const instance = new TestInstance(systemModule(Ledger), { sql });
    const caller = new Caller(instance);
    caller.call("add", "one");
    const watcher = instance.join("bob", "c2");
    watcher.take();
    const memory = caller.call("look") as { result: unknown };
    const stored = JSON.stringify(rows(sql));
    for (const refusal of [
      caller.call("fail", "a secret word"),
      await caller.callLater("failLater", "a secret word"),
    ]) {
      expect(refusal).toMatchObject({ type: "reject", error: { code: "REFUSED" } });
    }
    expect(watcher.frames).toEqual([]);
    expect(caller.call("look")).toMatchObject({ result: memory.result });
    expect(JSON.stringify(rows(sql))).not.toContain("a secret word");
    // Of what it had done before; the refusals are answers, and kept like any.
    expect(stored).toContain("one");
    const [snapshot] = instance.join("carol", "c3").take();
    expect(snapshot).toMatchObject({ version: 1, state: { entries: [{ text: "one" }] } });
  });

  test("is one commit where it does not, however much it has changed", () => {
    const instance = new TestInstance(systemModule(Ledger));
    const watcher = instance.join("bob", "c2");
    watcher.take();
    new Caller(instance).call("add", "one");
    const told = watcher.take();
    expect(told.filter(({ type }) => type === "commit")).toHaveLength(1);
    expect(told.at(-1)).toMatchObject({ type: "event", event: "written" });
  });
});

describe("the life of a system", () => {
  test("an older state is brought up to date in onCreate(), by a field that says its version", () => {
    class First extends System {
      @field names = ["Ada Lovelace"];
      @action() touch(): void {
        this.names.push("Alan Turing");
      }
    }
    class Second extends System {
      @field shape = 1;
      @field names: unknown[] = [];
      runs = 0;
      override onCreate({ restored }: CreatedContext): void {
        this.runs++;
        if (restored && this.shape < 2) {
          this.names = this.names.map((name) => ({ name }));
        }
        this.shape = 2;
      }
      @action() look(): unknown {
        return [this.shape, this.names, this.runs];
      }
    }
    const sql = openNodeSqlite(":memory:");
    new Caller(new TestInstance(systemModule(First), { sql })).call("touch");
    const names = [{ name: "Ada Lovelace" }, { name: "Alan Turing" }];
    for (let again = 0; again < 2; again++) {
      const instance = new TestInstance(systemModule(Second), { sql });
      const [snapshot] = instance.join("bob", "c2").take();
      // The new field, and onCreate(), once; then there is nothing to do.
      expect(snapshot).toMatchObject({ version: 3, state: { shape: 2, names } });
      expect(new Caller(instance, `later${again}`).call("look")).toMatchObject({
        result: [2, names, 1],
      });
    }
  });

  class Clock extends System {
    @field rings: string[] = [];
    @field made = new Date(0);
    @action() set(text: string): string {
      return this.context.schedule(60_000, "ring", text);
    }
    @action() ring(text: string): void {
      const { id } = this.context.session;
      this.rings.push(`${text} for ${id === "" ? "the server" : id}`);
    }
  }

  test("an action of its own is scheduled, over an eviction, and runs once as the server", async () => {
    const instance = new TestInstance(systemModule(Clock));
    expect(new Caller(instance).call("set", "tea")).toMatchObject({ type: "ack" });
    expect(instance.alarm).toBe(instance.now + 60_000);
    instance.evict();
    instance.now += 60_000;
    await instance.host.alarms.ring();
    await instance.host.alarms.ring();
    expect(instance.join("bob", "c2").take()).toMatchObject([
      { state: { rings: ["tea for the server"] } },
    ]);
  });

  test("[G11] a backup of it brings its fields to another instance, with their types; a damaged one nothing", async () => {
    const one = new TestInstance(systemModule(Clock));
    new Caller(one).call("ring", "once");
    const backup = await one.host.exportState();
    const other = new TestInstance(systemModule(Clock));
    await expect(other.host.importState(backup.replace("once", "twice"))).rejects.toMatchObject({
      code: "IMPORT_INVALID",
    });
    await other.host.importState(backup);
    other.evict();
    expect(other.join("bob", "c2").take()).toMatchObject([
      { state: { rings: ["once for alice"], made: new Date(0) } },
    ]);
  });

  test("this.sql binds what is interpolated, gives rows, and refuses what is no statement of its own", () => {
    class Log extends System {
      override onCreate(): void {
        this.sql`CREATE TABLE IF NOT EXISTS log (id INTEGER PRIMARY KEY, text TEXT)`;
      }
      @action() add(text: string): number {
        this.sql`INSERT INTO log (text) VALUES (${text})`;
        return this.sql`SELECT * FROM log WHERE text = ${text}`.length;
      }
      @action() by(column: string): string[] {
        const rows = this.sql<{
          text: string;
        }>`SELECT text FROM log ORDER BY ${this.sql.identifier(column)}`;
        return rows.map(({ text }) => text);
      }
      @action() pasted(text: string): unknown {
        return this.sql([`SELECT * FROM log WHERE text = '${text}'`] as never);
      }
    }
    const caller = new Caller(new TestInstance(systemModule(Log)));
    for (const text of ["b", "a'; DROP TABLE log; --", "' OR 1=1 --"]) {
      expect(caller.call("add", text)).toMatchObject({ result: 1 });
    }
    expect(caller.call("by", "text")).toMatchObject({
      result: ["' OR 1=1 --", "a'; DROP TABLE log; --", "b"],
    });
    for (const column of ["text; DROP TABLE log", "text) --", "holdfast_journal"]) {
      expect(caller.call("by", column)).toMatchObject({ error: { code: "SQL_INVALID" } });
    }
    expect(caller.call("pasted", "x' OR '1'='1")).toMatchObject({ error: { code: "SQL_INVALID" } });
    expect(caller.call("by", "id")).toMatchObject({ result: { length: 3 } });
  });
});
