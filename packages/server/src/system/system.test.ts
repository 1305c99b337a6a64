import { HoldfastError } from "@holdfast/protocol";
import { afterEach, describe, expect, expectTypeOf, test } from "vitest";
import { settled, TestInstance, type TestConnection } from "../host/host.fixture.ts";
import { action as message } from "../host/test-module.fixture.ts";
import type { AppOf, ContractOf } from "../module/definition.ts";
import { global } from "../module/key-strategy.ts";
import type { CreatedContext } from "../module/hooks.ts";
import { durableObjectStore } from "../module/store.ts";
import { openNodeSqlite } from "../node/node-sqlite-port.ts";
import { action } from "./action.ts";
import { field } from "./field.ts";
import { System } from "./system.ts";
import { systemModule } from "./system-module.ts";

interface Task {
  id: string;
  title: string;
  done: boolean;
}

class Titled extends System {
  static readonly persist = durableObjectStore(global());
  @field title = "untitled";

  @action() rename(title: string): string {
    this.title = title;
    return this.shout(this.title);
  }

  shout(text: string): string {
    return text.toUpperCase();
  }
}

let gate: () => void = () => {};
const waiting = (): Promise<void> => new Promise((resolve) => (gate = resolve));
afterEach(() => gate());

class Tasks extends Titled {
  @field tasks: Task[] = [];
  @field tags = new Map<string, number>();
  @field seen = new Set<string>();
  @field due: Date | null = null;
  @field born = Math.random();
  calls = 0;
  #secret = "kept";

  get open(): number {
    return this.tasks.filter(({ done }) => !done).length;
  }

  @action() add(title: string): number {
    this.calls++;
    this.tasks.push({ id: this.context.randomId(), title, done: false });
    this.tags.set(title, this.tasks.length);
    this.seen.add(title);
    this.due = new Date(0);
    return this.open;
  }

  @action() finish(index: number): void {
    const task = this.tasks[index];
    if (!task) throw new HoldfastError("REFUSED", "There is no such task.");
    task.done = true;
    this.due?.setTime(1_000);
  }

  @action() addThenThrow(title: string): void {
    this.add(title);
    this.title = "half";
    throw new HoldfastError("REFUSED", "Not today.");
  }

  @action() async addLater(title: string): Promise<string> {
    await waiting();
    this.add(title);
    await Promise.resolve();
    return `${this.#secret} ${this.tasks.at(-1)?.title}`;
  }

  @action() async addThenThrowLater(title: string): Promise<void> {
    this.add(title);
    await waiting();
    throw new HoldfastError("REFUSED", "Not today.");
  }

  @action() calledSoFar(): number {
    return this.calls;
  }

  @action() keepFunction(): void {
    // An author's mistake.
    this.tasks = [(() => undefined) as unknown as Task];
  }

  @action() bornAt(): number {
    return this.born;
  }

  hidden(): string {
    return "for the class itself";
  }
}

const joined = (Class = Tasks): [TestInstance, TestConnection] => {
  const instance = new TestInstance(systemModule(Class));
  const page = instance.join("alice", "c1");
  page.take();
  return [instance, page];
};

let seq = 0;
function call(instance: TestInstance, page: TestConnection, name: string, payload?: unknown): void {
  seq++;
  instance.say(page, { ...message(seq, name, payload as never), settled: seq - 1 });
}

describe("systems", () => {
  test("fields are changed in place, persist with their types, and come back after an eviction", () => {
    seq = 0;
    const [instance, page] = joined();
    call(instance, page, "add", "milk");
    call(instance, page, "finish", 0);
    const types = page.take().map(({ type }) => type);
    expect(types).toEqual(["commit", "ack", "commit", "ack"]);
    instance.evict();
    const later = instance.join("bob", "c2");
    const [snapshot] = later.take();
    expect(snapshot).toMatchObject({
      type: "snapshot",
      state: {
        title: "untitled",
        tasks: [{ title: "milk", done: true }],
        tags: new Map([["milk", 1]]),
        seen: new Set(["milk"]),
        due: new Date(1_000),
      },
    });
    expect(Object.keys((snapshot as { state: object }).state)).toEqual([
      "title",
      "tasks",
      "tags",
      "seen",
      "due",
      "born",
    ]);
  });

  test("[G4] an action that throws leaves no trace, also what the methods it called had done", () => {
    seq = 0;
    const [instance, page] = joined();
    call(instance, page, "addThenThrow", "milk");
    expect(page.take()).toMatchObject([{ type: "reject", error: { code: "REFUSED" } }]);
    const [snapshot] = instance.join("bob", "c2").take();
    expect(snapshot).toMatchObject({ version: 0, state: { title: "untitled", tasks: [] } });
  });

  test("[G5] an asynchronous action finds its fields after each await, #private members too, and nobody sees them before", async () => {
    seq = 0;
    const [instance, page] = joined();
    call(instance, page, "addLater", "milk");
    call(instance, page, "add", "bread");
    const first = page.take();
    expect(first.map(({ type }) => type)).toEqual(["received", "commit", "ack"]);
    gate();
    await settled();
    expect(page.take()).toMatchObject([
      { type: "commit" },
      { type: "ack", seq: 1, result: "kept milk" },
    ]);
  });

  test("[G4] an asynchronous action that throws after an await leaves no trace", async () => {
    seq = 0;
    const [instance, page] = joined();
    call(instance, page, "addThenThrowLater", "milk");
    page.take();
    gate();
    await settled();
    expect(page.take()).toMatchObject([{ type: "reject", error: { code: "REFUSED" } }]);
    const [snapshot] = instance.join("bob", "c2").take();
    expect(snapshot).toMatchObject({ version: 0, state: { tasks: [] } });
  });

  test("what is not a field is plain memory of one instance, gone with it", () => {
    seq = 0;
    const [instance, page] = joined();
    call(instance, page, "add", "milk");
    call(instance, page, "calledSoFar");
    expect(page.take().at(-1)).toMatchObject({ result: 1 });
    const other = new TestInstance(systemModule(Tasks));
    const elsewhere = other.join("alice", "c1");
    seq = 0;
    call(other, elsewhere, "calledSoFar");
    expect(elsewhere.take().at(-1)).toMatchObject({ result: 0 });
    instance.evict(page);
    seq = 2;
    call(instance, page, "calledSoFar");
    expect(page.take().at(-1)).toMatchObject({ result: 0 });
  });

  test("inherited fields and actions are the system's own; a method of an action may call others", () => {
    seq = 0;
    const [instance, page] = joined();
    call(instance, page, "rename", "groceries");
    expect(page.take()).toMatchObject([{ type: "commit" }, { result: "GROCERIES" }]);
  });

  test.each(["hidden", "shout", "constructor", "toString", "onCreate", "context", "__proto__"])(
    "[G16] %s is not an action",
    (name) => {
      seq = 0;
      const [instance, page] = joined();
      call(instance, page, name);
      expect(page.take()).toMatchObject([{ type: "reject", error: { code: "UNKNOWN_ACTION" } }]);
    },
  );

  test("[G11] a value that cannot be stored is refused at the assignment, naming the place", () => {
    seq = 0;
    const [instance, page] = joined();
    call(instance, page, "keepFunction");
    const [answer] = page.take();
    expect(answer).toMatchObject({ type: "reject", error: { code: "VALUE_UNSUPPORTED" } });
    expect(JSON.stringify(answer)).toContain("state.tasks[0]");
  });

  test("a first value is made for each instance, and stays what it was stored as", () => {
    const born = (instance: TestInstance): unknown => {
      seq = 0;
      const page = instance.join("alice", "c1");
      call(instance, page, "bornAt");
      return (page.take().at(-1) as { result?: unknown }).result;
    };
    const definition = systemModule(Tasks);
    expect(born(new TestInstance(definition))).not.toBe(born(new TestInstance(definition)));
  });

  test("[G20] two objects of a class have states of one schema, whatever their first values are", () => {
    const definition = systemModule(Tasks);
    const schema = (): unknown =>
      (new TestInstance(definition).join("a", "c").take()[0] as { schema?: string }).schema;
    expect(schema()).toBe(schema());
  });

  test("a class without decorators lists its members", () => {
    class Plain extends System {
      static readonly fields = ["count"];
      static readonly actions = ["increment"];
      count = 0;
      increment(by: number): number {
        return (this.count += by);
      }
    }
    seq = 0;
    const instance = new TestInstance(systemModule(Plain));
    const page = instance.join("alice", "c1");
    page.take();
    call(instance, page, "increment", 2);
    expect(page.take()).toMatchObject([{ type: "commit" }, { type: "ack", result: 2 }]);
  });

  test("a list that names what is not there says so", () => {
    class Wrong extends System {
      static readonly fields = ["cuont"];
      count = 0;
    }
    expect(() => systemModule(Wrong)).toThrow(/lists "cuont" among its fields/);
  });

  test("decorators on members that clients cannot see are refused", () => {
    expect(() => {
      class Private extends System {
        @field #hidden = 1;
        use(): number {
          return this.#hidden;
        }
      }
      return new Private();
    }).toThrow(/#hidden, which is private/);
    expect(() => {
      class Taken extends System {
        @action() override onCreate(): void {}
      }
      return new Taken();
    }).toThrow(/A system has its own "onCreate"/);
  });

  test("onCreate() runs whenever the instance comes into memory, with its state and its database, as one commit", () => {
    class Waking extends System {
      @field log: string[] = [];
      awake = 0;
      override onCreate({ restored }: CreatedContext): void {
        this.awake++;
        this.log.push(restored ? "again" : "first");
        this.sql`CREATE TABLE IF NOT EXISTS wakes (text TEXT)`;
        this.sql`INSERT INTO wakes VALUES (${this.log.at(-1) ?? ""})`;
      }
      @action() look(): unknown {
        return [this.awake, this.log.length, this.sql`SELECT text FROM wakes`.length];
      }
    }
    const instance = new TestInstance(systemModule(Waking));
    const page = instance.join("alice", "c1");
    expect(page.take()).toMatchObject([
      { type: "snapshot", version: 1, state: { log: ["first"] } },
    ]);
    instance.evict(page);
    expect(page.take()).toMatchObject([{ type: "commit", version: 2 }]);
    seq = 0;
    call(instance, page, "look");
    expect(page.take()).toMatchObject([{ type: "ack", result: [1, 2, 2] }]);
  });

  test("[G4] an onCreate() that throws lets nobody in, and leaves no trace", () => {
    let fails = true;
    class Failing extends System {
      @field count = 0;
      override onCreate(): void {
        this.count = 7;
        this.sql`CREATE TABLE half (text TEXT)`;
        if (fails) throw new Error("no");
      }
    }
    const definition = systemModule(Failing);
    expect(() => new TestInstance(definition)).toThrow(/could not begin/);
    fails = false;
    const [snapshot] = new TestInstance(definition).join("alice", "c1").take();
    expect(snapshot).toMatchObject({ state: { count: 7 } });
  });

  test("static version and static migrate bring a stored state up to date", () => {
    class First extends System {
      @field names = ["a", "b"];
      @action() touch(): void {
        this.names.push("c");
      }
    }
    class Second extends System {
      static readonly version = 2;
      static readonly migrate = {
        2: ({ names }: { names: string[] }) => ({ people: names.map((name) => ({ name })) }),
      };
      @field people: { name: string }[] = [];
    }
    const sql = openNodeSqlite(":memory:");
    seq = 0;
    const before = new TestInstance(systemModule(First), { sql });
    call(before, before.join("alice", "c1"), "touch");
    const after = new TestInstance(systemModule(Second), { sql });
    expect(after.join("bob", "c2").take()).toMatchObject([
      { state: { people: [{ name: "a" }, { name: "b" }, { name: "c" }] } },
    ]);
  });

  test("outside an action a field reads what is committed, and refuses to be written", async () => {
    let leaked: Leaky | undefined;
    const leak = (system: Leaky): void => void (leaked = system);
    class Leaky extends System {
      @field list: number[] = [];
      @action() push(value: number): void {
        leak(this);
        this.list.push(value);
      }
    }
    seq = 0;
    const instance = new TestInstance(systemModule(Leaky));
    const page = instance.join("alice", "c1");
    call(instance, page, "push", 1);
    expect(leaked?.list).toEqual([1]);
    leaked?.list.push(2);
    expect(leaked?.list).toEqual([1]);
    expect(() => {
      if (leaked) leaked.list = [];
    }).toThrow(/"list" was written to, and no action runs/);
    expect(() => leaked?.context).toThrow(/no action runs/);
  });
});

describe("the types of a system", () => {
  type Contract = ContractOf<typeof Tasks>;

  test("state is what is public and no method, actions are what is public and one", () => {
    expectTypeOf<Contract["state"]["tasks"]>().toEqualTypeOf<Task[]>();
    expectTypeOf<Contract["state"]["title"]>().toEqualTypeOf<string>();
    expectTypeOf<Contract["actions"]["add"]["parameters"]>().toEqualTypeOf<[title: string]>();
    expectTypeOf<Contract["actions"]["add"]["result"]>().toEqualTypeOf<number>();
    expectTypeOf<Contract["actions"]["addLater"]["result"]>().toEqualTypeOf<string>();
    expectTypeOf<Contract["keys"]>().toEqualTypeOf<"fixed">();
    class Keyed extends System {
      @field count = 0;
    }
    expectTypeOf<ContractOf<typeof Keyed>["keys"]>().toEqualTypeOf<"named">();
    expectTypeOf<keyof ContractOf<typeof Keyed>["state"]>().toEqualTypeOf<"count">();
    expectTypeOf<"context">().not.toExtend<keyof Contract["state"]>();
    expectTypeOf<AppOf<{ tasks: typeof Tasks }>["modules"]["tasks"]>().toEqualTypeOf<Contract>();
  });

  test("what cannot be an action does not compile", () => {
    const define = (): unknown => {
      class Wrong extends System {
        // @ts-expect-error: a client sends one payload at most.
        @action() two(one: string, other: string): string {
          return one + other;
        }
        // @ts-expect-error: a property is no method.
        @action() property = 1;
        // @ts-expect-error: a method is no field.
        @field method(): void {}
      }
      return new Wrong();
    };
    expect(define).toThrow(/@(field|action) stands on/);
  });
});
